"""Cutting names, phones and texts into search tokens, and a search text into terms over them.

A token is a class letter and a text without spaces or quotes, so that a record's tokens joined by spaces are both a
PostgreSQL tsvector literal and an FTS5 document. The class letter says which field right governs it:

    name         x whole name · u its first character · n two neighbouring characters
                 j initials of the whole · i inner initials · p pinyin of the whole · y inner pinyin · m Latin words
    phone        l last four digits · d all digits reversed · g first seven national digits
    email        e address, and its domain from the @ on
    certificate  c keyed hash of the exact value
    (everyone)   w numbers such as C-000123 and other words
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from zhike.config.home import installation_secrets
from zhike.kernel.pinyin import latin_initials, reading

LONGEST = 60
INITIALS = 8
SOUNDS = 18
HEAD = 7
MOST_TERMS = 8
_HAN = "㐀-鿿豈-﫿\U00020000-\U0003ffff"
_TAILS = re.compile(r"(?:集团)?(?:股份|有限责任|有限)*公司$")
_RUNS = re.compile(rf"[{_HAN}]+")
_WORD = re.compile(rf"[^\W_{_HAN}]+")
_KEPT = re.compile(r"[^\w]+|_+")
_NOT_MAIL = re.compile(r"[^\w@.+-]+")
_NUMBER = re.compile(r"[a-z]{1,3}-0*(\d{1,12})")
# In order: e-mail, number with letters, digits with their separators, Latin words, Chinese characters.
_TERMS = re.compile(
    rf"(?P<mail>[\w.+-]*@[\w.-]*)|(?P<code>[a-z]+-?\d[\w-]*)|(?P<digits>\+?\d(?:[\s().-]{{0,3}}\d)*+(?![a-z]))"
    rf"|(?P<word>[^\W_{_HAN}]+)|(?P<han>[{_HAN}]+)"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one record can be found by.

    `names` get pinyin (`person`: the first character is read as a surname); `phones` in E.164 or as dialled; `emails`;
    `certificates` are found by exact value only and leave nothing but a keyed hash; `words` (the number C-000123, tags)
    are found by everybody who may see the record, so only put there what every such reader may know.
    """

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    person: bool = False


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way a term can be found: tokens that must all be there, the last as a prefix where `prefix`."""

    tokens: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Readable:
    """Which classes of tokens a reader may search: openly, or (masked fields) by the whole value only."""

    open: str = "xunjipymldgecw"
    masked: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A search text as terms (all must hold), each of several alternatives; and the whole text as one value."""

    terms: tuple[tuple[Alternative, ...], ...]
    exact: tuple[Alternative, ...] = ()
    starts: tuple[Alternative, ...] = field(default=())


def fold(text: str) -> str:
    """Lower case, full-width to half-width, accents of Latin letters off: how texts and searches are compared."""
    if text.isascii():
        return text.lower()
    wide = unicodedata.normalize("NFKC", text).lower()
    if any("\u00c0" <= char <= "\u024f" for char in wide):
        wide = "".join(
            char for char in unicodedata.normalize("NFKD", wide) if not unicodedata.combining(char)
        )
    return wide


def _whole(folded: str) -> str:
    return folded if folded.isalnum() else _KEPT.sub("", folded)


def _name_tokens(name: str, person: bool, into: set[str]) -> None:
    folded = fold(name)
    whole = _whole(folded)
    if not whole:
        return
    add = into.add
    add("x" + whole[:LONGEST])
    add("u" + whole[0])
    if whole.isascii():
        into.update(["m" + word[:LONGEST] for word in _WORD.findall(folded)])
        initials = latin_initials(name) if name.isascii() else reading(name, person).initials
        if len(initials) > 1:
            add("j" + initials[:LONGEST])
        return
    runs = _RUNS.findall(whole)
    for run in runs:
        last = len(run) - 1
        for at in range(last):
            add("n" + run[at : at + 2])
        add("n" + run[last])
    if len(runs) != 1 or len(runs[0]) != len(whole):
        into.update(["m" + word[:LONGEST] for word in _WORD.findall(folded)])
    read = reading(name, person)
    syllables, initials = read.syllables, read.initials
    add("j" + initials[:LONGEST])
    add("p" + "".join(syllables)[:LONGEST])
    tail = _TAILS.search(whole) if len(whole) > 4 else None
    _inner(syllables, initials, len(whole) - tail.start() if tail else 0, into)


@lru_cache(maxsize=16384)
def _han_name_tokens(name: str, person: bool) -> frozenset[str]:
    """The tokens of a name that is not plain Latin; Chinese names are shared by many."""
    found: set[str] = set()
    _name_tokens(name, person, found)
    return frozenset(found)


def _inner(syllables: tuple[str, ...], initials: str, tail: int, into: set[str]) -> None:
    """Initials and pinyin from each later syllable on; those that lie in 有限公司 and the like would find nothing."""
    ends = max(len(syllables) - tail, 1)
    add = into.add
    if len(initials) == len(syllables):
        for at in range(1, ends):
            add("i" + initials[at : at + INITIALS])
    else:
        for at in range(1, max(len(initials) - tail, 1)):
            add("i" + initials[at : at + INITIALS])
    for at in range(1, ends):
        add("y" + "".join(syllables[at : at + SOUNDS // 2])[:SOUNDS])


def digits_of(phone: str) -> str:
    """The digits of a phone number, with the leading zeros of international dialling taken off."""
    digits = "".join([char for char in phone if char in "0123456789"]) if not phone.isdecimal() else phone
    return digits.lstrip("0")


def _phone_tokens(phone: str, into: set[str]) -> None:
    digits = digits_of(phone)[:20]
    if len(digits) < 3:
        return
    into.add("d" + digits[::-1])
    if len(digits) > 4:
        into.add("l" + digits[-4:])
    national = digits[2:] if digits[:2] == "86" and len(digits) > 10 else digits
    into.add("g" + national[:HEAD])


def _word_tokens(word: str, into: set[str]) -> None:
    folded = fold(word)
    for part in folded.split():
        kept = _KEPT.sub("-", part).strip("-")[:LONGEST]
        if not kept:
            continue
        into.add("w" + kept)
        number = _NUMBER.fullmatch(kept)
        if number:
            into.add("w" + number[1])
        elif not kept.isalnum():
            into.update(["w" + piece for piece in kept.split("-") if piece])


def certificate_token(value: str) -> str:
    """The token of a certificate number: a keyed hash of its letters and digits, as useless to a thief as random."""
    plain = _KEPT.sub("", fold(value)).upper()
    key = installation_secrets().lookup.encode()
    return "c" + hmac.new(key, b"search:" + plain.encode(), hashlib.sha256).hexdigest()[:24]


def _mail(text: str) -> str:
    return _NOT_MAIL.sub("", fold(text))[:LONGEST]


def tokens_of(entry: Entry) -> list[str]:
    """All tokens of an entry, sorted, each once."""
    found: set[str] = set()
    for name in entry.names:
        if name.isascii():
            _name_tokens(name, entry.person, found)
        else:
            found |= _han_name_tokens(name, entry.person)
    for phone in entry.phones:
        _phone_tokens(phone, found)
    for word in entry.words:
        _word_tokens(word, found)
    for email in entry.emails:
        address = _mail(email)
        if "@" in address:
            found.add("e" + address)
            found.add("e" + address[address.index("@") :])
    for value in entry.certificates:
        found.add(certificate_token(value))
    return sorted(found)


def tokens_text(entry: Entry) -> str:
    """The tokens as one text: what `search.copy_new` takes, made anywhere (also in another process)."""
    return " ".join(tokens_of(entry))


def _digit_term(raw: str) -> list[Alternative]:
    digits = digits_of(raw)
    if not digits:
        return []
    plain = "".join(char for char in raw if char.isdigit())
    found = [Alternative(("w" + digits,), prefix=True), Alternative(("m" + plain,), prefix=True)]
    if 3 <= len(digits) <= 10:
        found.append(Alternative(("g" + digits[:HEAD],), prefix=len(digits) < HEAD))
    if len(digits) == 4:
        found.append(Alternative(("l" + digits,)))
    if len(plain) == 4 and plain != digits:
        # 0042: four last digits may begin with zeros.
        found.append(Alternative(("l" + plain,)))
    if len(digits) >= 4:
        found += [Alternative(("d" + digits[::-1],), prefix=True), Alternative(("d" + digits[::-1] + "68",))]
    if len(digits) >= 6:
        found.append(Alternative((certificate_token(raw),)))
    return found


def _latin_term(word: str) -> list[Alternative]:
    found = [Alternative((kind + word[:LONGEST],), prefix=True) for kind in ("m", "w", "j", "p", "x", "e")]
    found.append(Alternative(("i" + word[:INITIALS],), prefix=len(word) < INITIALS))
    if len(word) > 1:
        found.append(Alternative(("y" + word[:SOUNDS],), prefix=True))
    return found


def _han_term(run: str) -> list[Alternative]:
    if len(run) == 1:
        return [Alternative(("n" + run,), prefix=True)]
    return [Alternative(tuple("n" + run[at : at + 2] for at in range(len(run) - 1)))]


def _code_term(raw: str) -> list[Alternative]:
    kept = _KEPT.sub("-", raw).strip("-")
    found = [Alternative(("w" + kept[:LONGEST],), prefix=True), Alternative((certificate_token(raw),))]
    letters = re.fullmatch(r"([a-z]{1,3})-?0*(\d{1,12})", kept)
    if letters:
        # c123 finds C-000123 too.
        found.append(Alternative((f"w{letters[1]}-{letters[2]:0>6}",)))
    return [
        *found,
        Alternative(("x" + _whole(kept),), prefix=True),
        Alternative(("m" + _whole(kept),), prefix=True),
    ]


def _term(match: re.Match[str]) -> list[Alternative]:
    kind, raw = match.lastgroup, match.group()
    if kind == "mail":
        return [Alternative(("e" + _mail(raw),), prefix=True)]
    if kind == "digits":
        return _digit_term(raw)
    if kind == "code":
        return _code_term(raw)
    return _han_term(raw[:LONGEST]) if kind == "han" else _latin_term(raw[:LONGEST])


def _whole_value(folded: str) -> list[Alternative]:
    """The whole text as one value: a name, its pinyin or initials, a number, an address, a phone, a certificate."""
    found: list[Alternative] = []
    whole = _whole(folded)[:LONGEST]
    if whole:
        found += [Alternative((kind + whole,)) for kind in ("x", "p", "j")]
    mail = _mail(folded)
    if "@" in mail.strip("@"):
        found.append(Alternative(("e" + mail,)))
    code = _KEPT.sub("-", folded).strip("-")[:LONGEST]
    if code:
        found.append(Alternative(("w" + code,)))
    digits = digits_of(folded)
    if len(digits) >= 3 and not re.search(r"[^\d\s().+-]", folded):
        found += [Alternative(("d" + digits[::-1],)), Alternative(("d" + digits[::-1] + "68",))]
    if len(whole) >= 6 and whole.isascii():
        found.append(Alternative((certificate_token(folded),)))
    return found


@lru_cache(maxsize=1024)
def query_tokens(text: str) -> Query:
    """A search text as a query over tokens. More than eight terms are not looked at."""
    folded = fold(text[:200]).strip()
    terms = [tuple(found) for match in _TERMS.finditer(folded) if (found := _term(match))][:MOST_TERMS]
    exact = _whole_value(folded)
    starts = [Alternative(item.tokens, prefix=True) for item in exact if item.tokens[0][0] in "xjpw"]
    if len(folded) == 1:
        # Thousands of names begin with 张: one token for all of them, not a walk over every such name.
        starts = [Alternative(("u" + folded,))]
    return Query(tuple(terms), tuple(exact), tuple(starts))


def narrowed(query: Query, may: Readable) -> Query:
    """What is left of a query for a reader: closed classes find nothing, masked ones only by their whole value.

    Of a masked phone the last four digits count as a whole value.
    """
    openly, masked = set(may.open), set(may.masked)

    def allowed(item: Alternative, whole: bool) -> bool:
        kinds = {token[0] for token in item.tokens}
        return kinds <= openly or (not item.prefix and kinds <= masked and (whole or kinds == {"l"}))

    whole_only = tuple(item for item in query.exact if allowed(item, True))
    terms = []
    for term in query.terms:
        kept = [item for item in term if allowed(item, False)]
        if len(query.terms) == 1:
            kept += [item for item in whole_only if item.tokens[0][0] in masked]
        terms.append(tuple(dict.fromkeys(kept)))
    starts = tuple(item for item in query.starts if allowed(item, False))
    return Query(tuple(terms), whole_only, starts)


def governed(parts: Iterable[str]) -> str:
    """The class letters of some parts of an entry: name, phone, email, certificate."""
    letters = {"name": "xunjipym", "phone": "ldg", "email": "e", "certificate": "c"}
    return "".join(letters[part] for part in parts)
