"""vCard 2.1, 3.0 and 4.0: one card of text to a `Card`, and the cards of a stream one after another.

RFC 2426 (3.0), RFC 6350 (4.0) and the vCard 2.1 specification (1996), read tolerantly: unknown properties are
passed over, pictures and sounds too; a line that is no property makes the card a refused one.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from zhike.feeds.files.delimited import LongLine, lines_of, whole_lines
from zhike.feeds.files.messages import Message
from zhike.feeds.files.options import Limits
from zhike.feeds.files.reasons import reason, refuse
from zhike.feeds.files.streams import ENCODINGS, has_bad_bytes

_PROPERTY = re.compile(r'(?:[\w\-]+\.)?([A-Za-z][\w\-]*)((?:;(?:"[^"]*"|[^";:])*)*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';((?:"[^"]*"|[^";])*)')
_UNESCAPED_SEMICOLON = re.compile(r"(?<!\\)((?:\\\\)*);")
_UNESCAPED_COMMA = re.compile(r"(?<!\\)((?:\\\\)*),")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BINARY = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "AGENT"})
_NOT_KINDS = frozenset({"PREF", "VOICE", "INTERNET", "X400"})
_CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950", "utf8": "utf-8", "iso-8859-1": "latin-1"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One of several phones, e-mails or links, with its kinds in lower case (work, home, cell, fax …)."""

    value: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """One address of a card."""

    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """What a business card says of a person or an organisation."""

    full_name: str = ""
    family_name: str = ""
    given_name: str = ""
    additional_names: str = ""
    prefix: str = ""
    suffix: str = ""
    nickname: str = ""
    organisation: str = ""
    department: str = ""
    title: str = ""
    role: str = ""
    birthday: str = ""
    note: str = ""
    categories: str = ""
    uid: str = ""
    phones: tuple[Entry, ...] = ()
    emails: tuple[Entry, ...] = ()
    addresses: tuple[PostalAddress, ...] = ()
    links: tuple[Entry, ...] = ()
    messengers: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenCard:
    """The text of a card that cannot be read, with the reason."""

    text: str
    reason: Message


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    parameters: dict[str, list[str]]
    value: str
    old: bool

    def kinds(self) -> tuple[str, ...]:
        types = [kind.upper() for kind in self.parameters.get("TYPE", [])]
        return tuple(dict.fromkeys(kind.lower() for kind in types if kind not in _NOT_KINDS))

    def text(self) -> str:
        return _plain(self.value, old=self.old).strip()

    def parts(self, count: int) -> list[str]:
        """The fields between semicolons, as many as asked for."""
        cut = _UNESCAPED_SEMICOLON.sub("\\1\0", self.value).split("\0")
        parts = [_plain(part, old=self.old).strip() for part in cut]
        return (parts + [""] * count)[: max(count, len(parts))]

    def listed(self) -> list[str]:
        cut = _UNESCAPED_COMMA.sub("\\1\0", self.value).split("\0")
        return [_plain(part, old=self.old).strip() for part in cut]


def _plain(text: str, *, old: bool) -> str:
    if "\\" not in text:
        return text
    if old:
        return text.replace("\\;", ";")
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)


def read_cards(texts: Iterable[str], limits: Limits) -> Iterator[Card | BrokenCard]:
    """The cards of a stream of text, broken ones in their place. Memory holds one card at a time."""
    depth, size = 0, 0
    lines: list[str] = []
    for line in _lines(texts, limits):
        mark = line.strip().upper().replace(" ", "")
        if mark == "BEGIN:VCARD" or (depth and mark.endswith("BEGIN:VCARD")):
            depth += 1
        if not depth:
            continue
        size += len(line)
        if size <= limits.card:
            lines.append(line)
        if mark != "END:VCARD":
            continue
        depth -= 1
        if depth == 0:
            yield parse_card(lines) if size <= limits.card else _too_long(lines, limits)
            lines, size = [], 0
    if lines:
        yield BrokenCard("".join(lines), reason("card_without_end"))


def _too_long(lines: list[str], limits: Limits) -> BrokenCard:
    return BrokenCard("".join(lines)[:1000] + "…", reason("card_too_long", limit_kb=limits.card >> 10))


def _lines(texts: Iterable[str], limits: Limits) -> Iterator[str]:
    """Physical lines; one that is too long (a picture) keeps its beginning only."""
    row = 0
    for block in whole_lines(texts, limits):
        if isinstance(block, LongLine):
            if block.endless:
                raise refuse("file_endless_line", row=row + 1, limit_mb=limits.endless_line >> 20)
            row += 1
            yield block.beginning + "\n"
            continue
        lines = lines_of(block)
        row += len(lines)
        yield from lines


def parse_card(lines: list[str]) -> Card | BrokenCard:
    """One card from its physical lines, BEGIN and END included."""
    text = "".join(lines)
    if "\0" in text:
        return BrokenCard(text, reason("row_nul"))
    if has_bad_bytes(text):
        return BrokenCard(text, reason("row_bad_bytes", encoding="vCard"))
    old = any(line.strip().upper().replace(" ", "") == "VERSION:2.1" for line in lines[:20])
    properties: list[_Property] = []
    for line in _own_lines(_unfolded(lines)):
        found = _PROPERTY.fullmatch(line)
        if found is None:
            return BrokenCard(text, reason("card_broken", line=line))
        name = found[1].upper()
        if name in _BINARY:
            continue
        parameters = _parameters(found[2])
        properties.append(_Property(name, parameters, _decoded(found[3], parameters), old))
    return _card(properties)


def _unfolded(lines: list[str]) -> list[str]:
    """Logical lines: folded ones joined, and those that quoted-printable breaks with a final equals sign."""
    logical: list[str] = []
    soft = False
    for physical in lines:
        line = physical.rstrip("\r\n")
        if soft and logical:
            logical[-1] = logical[-1][:-1] + line.lstrip(" \t")
        elif line[:1] in (" ", "\t") and logical:
            logical[-1] += line[1:]
        else:
            logical.append(line)
        head = logical[-1].partition(":")[0].upper()
        soft = logical[-1].endswith("=") and "QUOTED-PRINTABLE" in head
    return [line for line in logical if line.strip()]


def _own_lines(lines: list[str]) -> Iterator[str]:
    """The lines of the outer card; a card inside it (AGENT) is passed over."""
    depth = 0
    for line in lines:
        mark = line.strip().upper().replace(" ", "")
        if mark.endswith("BEGIN:VCARD"):
            depth += 1
        elif mark == "END:VCARD":
            depth -= 1
        elif depth == 1:
            yield line


def _parameters(text: str) -> dict[str, list[str]]:
    """Parameters by name; the bare ones of vCard 2.1 are types or an encoding."""
    found: dict[str, list[str]] = {}
    for raw in _PARAMETER.findall(text):
        name, equals, value = raw.partition("=")
        name = name.strip().upper()
        if not equals:
            name, value = ("ENCODING" if name in ("QUOTED-PRINTABLE", "BASE64") else "TYPE"), name
        found.setdefault(name, []).extend(part.strip() for part in value.strip().strip('"').split(","))
    return found


def _decoded(value: str, parameters: dict[str, list[str]]) -> str:
    """Undo quoted-printable and the character set that goes with it."""
    if "QUOTED-PRINTABLE" not in (entry.upper() for entry in parameters.get("ENCODING", [])):
        return value
    named = (parameters.get("CHARSET") or ["utf-8"])[0].lower()
    charset = _CHARSETS.get(named, named)
    raw = quopri.decodestring(value.encode("utf-8"))
    return raw.decode(charset if charset in ENCODINGS else "utf-8", errors="replace")


def _card(properties: list[_Property]) -> Card:
    first: dict[str, _Property] = {}
    for entry in properties:
        if entry.value.strip(" ;"):
            first.setdefault(entry.name, entry)

    def text(name: str) -> str:
        return first[name].text() if name in first else ""

    names = first["N"].parts(5) if "N" in first else [""] * 5
    units = first["ORG"].parts(2) if "ORG" in first else ["", ""]
    joined = " ".join(part for part in (names[3], names[1], names[2], names[0], names[4]) if part)
    return Card(
        full_name=text("FN") or joined or units[0],
        family_name=names[0],
        given_name=names[1],
        additional_names=names[2],
        prefix=names[3],
        suffix=names[4],
        nickname=text("NICKNAME"),
        organisation=units[0],
        department=" / ".join(unit for unit in units[1:] if unit),
        title=text("TITLE"),
        role=text("ROLE"),
        birthday=text("BDAY"),
        note=text("NOTE"),
        categories=", ".join(first["CATEGORIES"].listed()) if "CATEGORIES" in first else "",
        uid=text("UID"),
        phones=_entries(properties, "TEL"),
        emails=_entries(properties, "EMAIL"),
        addresses=tuple(_address(entry) for entry in properties if entry.name == "ADR" and _filled(entry)),
        links=_entries(properties, "URL"),
        messengers=_entries(properties, "IMPP"),
    )


def _filled(entry: _Property) -> bool:
    return bool(entry.value.strip(" ;"))


def _entries(properties: list[_Property], name: str) -> tuple[Entry, ...]:
    """All values of one property, without repetition; `tel:` and `mailto:` fall away."""
    found = (
        Entry(re.sub(r"^(?:tel|mailto):", "", entry.text(), flags=re.IGNORECASE), entry.kinds())
        for entry in properties
        if entry.name == name and _filled(entry)
    )
    return tuple(dict.fromkeys(found))


def _address(entry: _Property) -> PostalAddress:
    box, extended, street, city, region, code, country, *_ = entry.parts(7)
    lines = " ".join(part for part in (street, extended, box) if part)
    return PostalAddress(lines, city, region, code, country, entry.kinds())
