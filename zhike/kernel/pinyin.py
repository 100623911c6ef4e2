"""How Chinese names are read: pinyin, initials, and a key that sorts Chinese and Latin names together.

Readings of characters and phrases come from pypinyin's tables; surnames that are read otherwise than the same
character in a word are listed here (after 《通用规范汉字表》 and the usual surname dictionaries).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST_KEY = 120
_SURNAMES = {
    "单": "shan", "仇": "qiu", "曾": "zeng", "解": "xie", "区": "ou", "查": "zha", "朴": "piao", "任": "ren",
    "华": "hua", "盖": "ge", "乐": "yue", "翟": "zhai", "覃": "qin", "缪": "miao", "宓": "mi", "冼": "xian",
    "员": "yun", "种": "chong", "折": "she", "黑": "he", "洗": "xian", "召": "shao", "秘": "bi", "繁": "po",
    "尉": "wei", "车": "che", "柏": "bai", "牟": "mou", "隗": "wei", "燕": "yan", "那": "na", "谌": "chen",
    "郗": "xi", "郇": "xun", "纪": "ji", "葛": "ge", "阚": "kan", "应": "ying", "宁": "ning", "石": "shi",
    "沈": "shen", "盛": "sheng", "祭": "zhai", "蒙": "meng", "贾": "jia", "过": "guo", "相": "xiang",
    "於": "yu", "干": "gan", "都": "du", "佴": "nai", "句": "gou", "曲": "qu", "角": "jue", "卜": "bu",
    "藏": "zang", "瞿": "qu", "眭": "sui", "乜": "nie", "万": "wan", "叶": "ye", "佘": "she", "逯": "lu",
    "粘": "nian", "夏": "xia", "殷": "yin", "少": "shao", "长": "chang", "重": "chong", "行": "xing",
    "單": "shan", "區": "ou", "樸": "piao", "樂": "yue", "蓋": "ge", "種": "chong", "過": "guo", "應": "ying",
}  # fmt: skip
_COMPOUND = {
    "单于": ("chan", "yu"), "尉迟": ("yu", "chi"), "尉遲": ("yu", "chi"), "长孙": ("zhang", "sun"),
    "長孫": ("zhang", "sun"), "万俟": ("mo", "qi"), "澹台": ("tan", "tai"), "鲜于": ("xian", "yu"),
    "亓官": ("qi", "guan"), "宰父": ("zai", "fu"), "谷梁": ("gu", "liang"), "拓跋": ("tuo", "ba"),
    "令狐": ("ling", "hu"), "子车": ("zi", "ju"), "乐正": ("yue", "zheng"), "夏侯": ("xia", "hou"),
    "仲长": ("zhong", "chang"),
}  # fmt: skip
# What a character mostly means in the name of a person or firm, where the dictionary's first reading is another.
_IN_NAMES = {
    "长": "chang", "都": "du", "厦": "xia", "朝": "chao", "调": "tiao", "石": "shi", "万": "wan", "大": "da",
    "行": "xing", "乐": "le", "重": "zhong", "广": "guang", "茜": "qian", "校": "xiao", "率": "lv",
}  # fmt: skip
_TONELESS = str.maketrans(
    "āáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňǹḿê", "aaaaeeeeiiiioooouuuuvvvvvnnnme", "\u0300\u0301\u0304\u030c"
)
_PIECES = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]|[^\W_㐀-鿿豈-﫿\U00020000-\U0003ffff]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a name is read: syllables and words in lower case, their initials, and the key to sort by.

    `sort_key` compares as plain text (binary order): pinyin first, so that 张三 stands before 张伟 and both beside
    "Zhang", then the characters themselves to keep namesakes together.
    """

    syllables: tuple[str, ...]
    initials: str
    sort_key: str

    @property
    def pinyin(self) -> str:
        """The syllables with spaces between them."""
        return " ".join(self.syllables)


@lru_cache(maxsize=1)
def _dictionary() -> dict[int, str]:
    # Imported at first use: the tables take a fifth of a second that commands without names need not pay.
    from pypinyin.pinyin_dict import pinyin_dict

    known: dict[int, str] = pinyin_dict
    return known


class _Readings(dict[str, str]):
    """Character → plain syllable, worked out at first use; empty for what has no reading."""

    def __missing__(self, char: str) -> str:
        known = _IN_NAMES.get(char) or _dictionary().get(ord(char), "").split(",")[0]
        self[char] = known.translate(_TONELESS)
        return self[char]


_readings = _Readings()


@lru_cache(maxsize=1)
def _phrases() -> dict[str, dict[str, tuple[str, ...]]]:
    """Phrases of two to four characters not read as their characters are alone, by each odd character."""
    from pypinyin.phrases_dict import phrases_dict

    odd: dict[str, dict[str, tuple[str, ...]]] = {}
    for phrase, toned in phrases_dict.items():
        if not 2 <= len(phrase) <= 4:
            continue
        plain = tuple([options[0].translate(_TONELESS) for options in toned])
        if len(plain) != len(phrase):
            continue
        for char, syllable in zip(phrase, plain, strict=True):
            if syllable != _readings[char]:
                odd.setdefault(char, {})[phrase] = plain
    return odd


@lru_cache(maxsize=1)
def _odd_chars() -> frozenset[str]:
    return frozenset(_phrases())


def _by_phrases(run: str, syllables: list[str], start: int) -> None:
    """Mend the readings of a run of characters where a phrase around one of them says otherwise."""
    odd = _phrases()
    for at in range(start, len(run)):
        here = odd.get(run[at])
        if here is None:
            continue
        for length in (4, 3, 2):
            for first in range(max(0, at - length + 1), min(at, len(run) - length) + 1):
                plain = here.get(run[first : first + length])
                if plain:
                    syllables[at] = plain[at - first]
                    break
            else:
                continue
            break


def _run(run: str, person: bool) -> list[str]:
    """The syllables of a run of Chinese characters; a character nobody reads stands for itself."""
    syllables = [_readings[char] or char for char in run]
    start = 0
    if person:
        compound = _COMPOUND.get(run[:2])
        if compound:
            syllables[:2], start = compound, 2
        elif run[0] in _SURNAMES:
            syllables[0], start = _SURNAMES[run[0]], 1
        else:
            start = 1
    if not _odd_chars().isdisjoint(run) and not (person and len(run) - start < 2):
        _by_phrases(run, syllables, start)
    return syllables


def _latin(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.lower()) if not word.isascii() else word.lower()
    return "".join(char for char in folded if not unicodedata.combining(char))


def is_han(char: str) -> bool:
    """Whether the character is Chinese."""
    return "㐀" <= char <= "鿿" or "豈" <= char <= "﫿" or "\U00020000" <= char <= "\U0003ffff"


def pieces(text: str) -> list[str]:
    """The single Chinese characters and the other words of a text, in order."""
    return _PIECES.findall(text)


def _mixed(text: str, person: bool) -> tuple[list[str], str]:
    syllables: list[str] = []
    initials: list[str] = []
    run = ""
    for piece in [*pieces(text), ""]:
        if piece and is_han(piece[0]):
            run += piece
            continue
        if run:
            read = _run(run, person and not syllables)
            syllables += read
            initials += [syllable[0] for syllable in read]
            run = ""
        if piece:
            # TCL集团 is looked for by tcljt, John Smith by js.
            short = piece.isascii() and piece.isupper() and len(piece) <= 5
            word = _latin(piece)
            syllables.append(word)
            initials.append(word if short else word[:1])
    return syllables, "".join(initials)


def latin_initials(name: str) -> str:
    """The initials of an ASCII name, the same as `reading` would find; abbreviations stay whole."""
    return "".join(
        [(piece if len(piece) <= 5 and piece.isupper() else piece[:1]).lower() for piece in pieces(name)]
    )


@lru_cache(maxsize=65536)
def reading(name: str, person: bool = False) -> Reading:
    """How a name is read. `person` reads the first character (or two) as a surname.

    Best effort for characters of many readings: phrases known to the dictionary (重庆, 银行, 音乐) are read right.
    """
    text = unicodedata.normalize("NFKC", name) if not name.isascii() else name
    if person and text and _PIECES.fullmatch(text[0]) and all(map(is_han, text)):
        syllables = _run(text, True)
        initials = "".join([syllable[0] for syllable in syllables])
    else:
        syllables, initials = _mixed(text, person)
    key = f"{' '.join(syllables)} {text}" if not text.isascii() else " ".join(syllables)
    return Reading(tuple(syllables), initials, key[:LONGEST_KEY])
