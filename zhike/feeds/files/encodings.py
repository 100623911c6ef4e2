"""Finding the encoding of a text from its bytes: marks first, then which decoding gives plausible characters."""

from __future__ import annotations

import codecs
import math
from dataclasses import dataclass

from zhike.feeds.files.hanzi import COMMON

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_WIDE = ("utf-16-le", "utf-16-be")
_NARROW = ("utf-8", "gb18030", "big5hkscs", "cp1252")
_PUNCTUATION = frozenset("，。、；：？！“”‘’（）《》【】—…·￥「」『』〔〕％＋－～　")
_WESTERN = frozenset("àâäáãåæçèéêëìíîïñòóôöõøœùúûüýÿßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜÝŸ£€°©®™–—’‘“”•…«»¡¿ ´·½²³")


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """An encoding with the confidence (0–1) that it is right and not the next best."""

    encoding: str
    confidence: float


def guess_encodings(sample: bytes) -> list[EncodingGuess]:
    """Encodings a sample may be in, best first; never empty. Plain ASCII is called UTF-8 with confidence 0.9.

    The sample may end within a character. Confidence is the share of the best plausibility against the others,
    as in a soft-max over the mean score per character outside ASCII, tempered by how many such characters there are.
    """
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return [EncodingGuess(encoding, 1.0)]
    if 0 in sample:
        return _ranked(sample, _WIDE + _NARROW)
    if sample.isascii():
        return [EncodingGuess("utf-8", 0.9), EncodingGuess("gb18030", 0.1)]
    return _ranked(sample, _NARROW)


def _ranked(sample: bytes, encodings: tuple[str, ...]) -> list[EncodingGuess]:
    scored = [(plausibility(sample, encoding), encoding) for encoding in encodings]
    weight = min(_foreign(sample), 40) / 4 + 1
    best = max(score for score, _ in scored)
    shares = [(math.exp((score - best) * weight), encoding) for score, encoding in scored]
    total = sum(share for share, _ in shares)
    guesses = [
        EncodingGuess(_fitting(sample, encoding), round(share / total, 4)) for share, encoding in shares
    ]
    return sorted(guesses, key=lambda guess: -guess.confidence)


def _fitting(sample: bytes, encoding: str) -> str:
    """Latin-1 where the sample uses bytes that Windows' Western encoding leaves open."""
    undefined = encoding == "cp1252" and any(byte in sample for byte in b"\x81\x8d\x8f\x90\x9d")
    return "latin-1" if undefined else encoding


def _foreign(sample: bytes) -> int:
    """Roughly how many characters outside ASCII the sample has."""
    return sum(1 for byte in sample[:4000] if byte >= 0x80) // 2


def plausibility(sample: bytes, encoding: str) -> float:
    """How much the sample, read in this encoding, looks like text: the mean over characters outside ASCII of
    their worth, from -3 (cannot be decoded) to 1 (common Han character)."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample, final=False)
    if 0 in sample:
        worths = [_wide_worth(char) for char in text]
    elif encoding == "cp1252":
        worths = _western_worths(text)
    else:
        worths = [_worth(char) for char in text if char >= "\x80"]
    if not worths:
        return -1.0
    mean = sum(worths) / len(worths)
    # UTF-8 that decodes without a flaw is no accident: other encodings hardly ever obey its rules.
    return mean + 1.5 if encoding == "utf-8" and "\ufffd" not in text else mean


def _worth(char: str) -> float:
    if char in COMMON:
        return 1.0
    if char in _PUNCTUATION:
        return 0.8
    code = ord(char)
    if char == "\ufffd":
        return -3.0
    if 0x4E00 <= code <= 0x9FFF:
        return -0.1 if _is_first_level(char) else -0.8
    if 0x3040 <= code <= 0x30FF or 0xFF01 <= code <= 0xFF5E or 0x1F300 <= code <= 0x1FAFF:
        return 0.3
    if 0xE000 <= code <= 0xF8FF or code < 0xA0:
        return -2.0
    if code < 0x250:
        return 0.3
    return -0.7


def _is_first_level(char: str) -> bool:
    """True for characters in the everyday part of GB 2312 or Big5, which order them by use."""
    simple = char.encode("gb2312", "ignore")
    if simple:
        return simple[0] <= 0xD7
    full = char.encode("big5", "ignore")
    return bool(full) and full[0] <= 0xC6


def _wide_worth(char: str) -> float:
    """As `_worth` for a sample with NULs, where ASCII counts as well: it shows how wide the characters are."""
    if char in "\t\r\n" or " " <= char <= "~":
        return 0.8
    return _worth(char) if char >= "\x80" else -3.0


def _western_worths(text: str) -> list[float]:
    """Accented letters stand alone between ASCII letters; runs of them are another encoding misread."""
    worths: list[float] = []
    for at, char in enumerate(text):
        if char < "\x80":
            continue
        before, after = text[at - 1 : at] or " ", text[at + 1 : at + 2] or " "
        alone = before < "\x80" and after < "\x80"
        if char not in _WESTERN:
            worths.append(-2.0 if char == "\ufffd" else -1.2)
        else:
            worths.append(0.75 if alone else -0.6)
    return worths
