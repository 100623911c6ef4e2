"""Build the catalogue of translations: `python -m zhike.locale_build`.

Each room keeps its translations in `zhike/locale/<language>/parts/<room>.po`. They are the source and are
committed; this module merges them into `LC_MESSAGES/django.mo`, which each machine builds for itself. It is
plain Python, so GNU gettext need not be installed. A message has one translation over all parts: two different
ones, an empty one, or one with other placeholders than the message are refused with the file and the line.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

LOCALE = Path(__file__).resolve().parent / "locale"
_PLURALS = {"zh_Hans": "nplurals=1; plural=0;"}
_LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d+)\])?)\s+(".*")$')
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{[^{}]*\}|%[sd]")

Key = tuple[str | None, str]


@dataclass(slots=True)
class Entry:
    """One message of a part: its fields by keyword, and the file and line where it begins."""

    place: str
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What a look-up finds it by."""
        return self.fields.get("msgctxt"), self.fields.get("msgid", "")

    @property
    def plural(self) -> str | None:
        """The English plural, where the message counts something."""
        return self.fields.get("msgid_plural")

    @property
    def translations(self) -> list[str]:
        """The translation of each plural form; one element without plurals."""
        return [text for name, text in sorted(self.fields.items()) if name.startswith("msgstr")]


class BadCatalogue(ValueError):
    """The parts cannot become one catalogue; the text has one line per reason, each naming file and line."""


def parse(path: Path) -> Iterator[Entry]:
    """Entries of one `.po` part in order. Raises BadCatalogue for a line that is none."""
    entry: Entry | None = None
    name = ""
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line, place = raw.strip(), f"{path.name}:{number}"
        if not line or line.startswith("#"):
            continue
        if line.startswith('"') and entry is not None and name:
            entry.fields[name] += ast.literal_eval(line)
            continue
        match = _LINE.match(line)
        if not match:
            raise BadCatalogue(f"{place}: not a line of a catalogue: {line[:60]}")
        name = match[1]
        # A translation already read means that the next message begins.
        if entry is None or (name in {"msgctxt", "msgid"} and entry.translations):
            if entry is not None:
                yield entry
            entry = Entry(place)
        if name in entry.fields:
            raise BadCatalogue(f"{place}: {name} twice in one message")
        entry.fields[name] = ast.literal_eval(match[3])
    if entry is not None:
        yield entry


def _faults(entry: Entry) -> Iterator[str]:
    """What is wrong with one entry by itself."""
    message = entry.key[1]
    wanted = set(_PLACEHOLDER.findall(entry.plural or message))
    if not entry.translations or not all(entry.translations):
        yield f"{entry.place}: {message!r} has no translation"
    for text in entry.translations:
        if set(_PLACEHOLDER.findall(text)) != wanted:
            yield f"{entry.place}: placeholders of {message!r} and {text!r} differ"
        if message.startswith("\n") != text.startswith("\n") or message.endswith("\n") != text.endswith("\n"):
            yield f"{entry.place}: {message!r} and its translation differ in line breaks at an end"


def merge(paths: Iterable[Path]) -> dict[Key, Entry]:
    """All parts as one catalogue. Raises BadCatalogue listing every fault and every conflict."""
    merged: dict[Key, Entry] = {}
    faults: list[str] = []
    for entry in (entry for path in sorted(paths) for entry in parse(path)):
        if not entry.key[1]:
            continue
        faults.extend(_faults(entry))
        other = merged.setdefault(entry.key, entry)
        if other.translations != entry.translations:
            faults.append(
                f"{entry.place}: {entry.key[1]!r} is {entry.translations[:1]} here, "
                f"but {other.translations[:1]} in {other.place}"
            )
    if faults:
        raise BadCatalogue("\n".join(faults))
    return merged


def compiled(catalogue: dict[Key, Entry], plurals: str) -> bytes:
    """The catalogue in gettext's binary form (.mo): sorted pairs of NUL-ended texts behind two tables."""
    pairs = {b"": f"Content-Type: text/plain; charset=UTF-8\nPlural-Forms: {plurals}\n".encode()}
    for (context, message), entry in catalogue.items():
        key = message if context is None else f"{context}\x04{message}"
        key = key if entry.plural is None else f"{key}\x00{entry.plural}"
        pairs[key.encode()] = "\x00".join(entry.translations).encode()
    originals = sorted(pairs)
    tables, texts = b"", b""
    start = 28 + 16 * len(originals)
    for text in [*originals, *(pairs[key] for key in originals)]:
        tables += struct.pack("<II", len(text), start + len(texts))
        texts += text + b"\x00"
    head = struct.pack("<7I", 0x950412DE, 0, len(originals), 28, 28 + 8 * len(originals), 0, start)
    return head + tables + texts


def languages() -> list[str]:
    """Names of the locale folders that have parts, such as zh_Hans."""
    return sorted(path.parent.name for path in LOCALE.glob("*/parts"))


def build(language: str) -> int:
    """Merge and compile one language, writing only when something changed. Returns the number of messages."""
    catalogue = merge((LOCALE / language / "parts").glob("*.po"))
    target = LOCALE / language / "LC_MESSAGES" / "django.mo"
    binary = compiled(catalogue, _PLURALS.get(language, "nplurals=2; plural=n != 1;"))
    if not target.exists() or target.read_bytes() != binary:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".new")
        draft.write_bytes(binary)
        draft.replace(target)
    return len(catalogue)


def main() -> int:
    """Build every language. Returns 1 after printing what is wrong."""
    for language in languages():
        try:
            print(f"{language}: {build(language)} messages")
        except BadCatalogue as problem:
            print(problem, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
