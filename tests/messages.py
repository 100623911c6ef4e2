"""Every message the program can show, found in its source: `python -m tests.messages [FOLDER …]`.

Prints those without a Chinese translation as a catalogue to fill in, each with the place it comes from.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

from zhike.locale_build import LOCALE, Key, merge

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "zhike"
# Which arguments of each function are context, message and plural.
_PLAIN = {"message": 0}
_SHAPES: dict[str, dict[str, int]] = {
    "gettext": _PLAIN,
    "gettext_noop": _PLAIN,
    "gettext_lazy": _PLAIN,
    "_": _PLAIN,
    "T": _PLAIN,
    "ngettext": {"message": 0, "plural": 1},
    "ngettext_lazy": {"message": 0, "plural": 1},
    "pgettext": {"context": 0, "message": 1},
    "pgettext_lazy": {"context": 0, "message": 1},
    "npgettext": {"context": 0, "message": 1, "plural": 2},
    "npgettext_lazy": {"context": 0, "message": 1, "plural": 2},
}
_STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_IN_TEMPLATE = re.compile(rf"\b(npgettext|ngettext|pgettext|gettext|_)\(\s*({_STRING}(?:\s*,\s*{_STRING})*)")


@dataclass(frozen=True, slots=True)
class Message:
    """One message and where it was found. `key` is None for one put together before its look-up."""

    place: str
    key: Key | None
    plural: str | None = None


def _message(place: str, function: str, texts: list[str]) -> Message:
    found = {part: texts[at] for part, at in _SHAPES[function].items() if at < len(texts)}
    return Message(place, (found.get("context"), found["message"]), found.get("plural"))


def in_python(path: Path) -> Iterator[Message]:
    """Messages of a Python file. An f-string comes with no key; a variable is found where it began."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in _SHAPES:
            continue
        place = f"{path.relative_to(ROOT)}:{node.lineno}"
        needed = node.args[: max(_SHAPES[name].values()) + 1]
        texts = [arg.value for arg in needed if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if len(texts) == len(needed) and texts:
            yield _message(place, name, texts)
        elif any(isinstance(arg, ast.JoinedStr | ast.BinOp) for arg in needed):
            yield Message(place, None)


def in_template(path: Path) -> Iterator[Message]:
    """Messages of a template: translate and blocktranslate tags, and `_("…")` in any tag or filter."""
    source = templatize(path.read_text(encoding="utf-8"))
    for match in _IN_TEMPLATE.finditer(source):
        line = source.count("\n", 0, match.start()) + 1
        texts = list(ast.literal_eval(f"({match[2]},)"))
        if match[1] == "_":
            # As Django looks it up: a variable of a template doubles its percent signs.
            texts = [text.replace("%", "%%") for text in texts]
        yield _message(f"{path.relative_to(ROOT)}:{line}", match[1], texts)


def templates(folder: Path = PACKAGE) -> list[Path]:
    """All templates below a folder."""
    found = (path for path in folder.rglob("*") if path.suffix in {".html", ".txt"})
    return sorted(path for path in found if "templates" in path.parts)


def used(folders: list[Path]) -> Iterator[Message]:
    """Every message below these folders."""
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            yield from in_python(path)
        for path in templates(folder):
            yield from in_template(path)


def missing(folders: list[Path], language: str = "zh_Hans") -> dict[Key, Message]:
    """Messages below these folders that the language does not translate."""
    known = merge((LOCALE / language / "parts").glob("*.po"))
    # Also words Django itself translates: ours shall not change when its catalogue does.
    wanted = {found.key: found for found in used(folders) if found.key and found.key[1]}
    return {key: found for key, found in wanted.items() if key not in known}


def main(arguments: list[str]) -> int:
    """Print what is missing. Returns 1 if anything is."""
    found = missing([Path(argument).resolve() for argument in arguments] or [PACKAGE])
    for (context, message), where in found.items():
        print(f"# {where.place}")
        if context is not None:
            print(f"msgctxt {json.dumps(context, ensure_ascii=False)}")
        print(f"msgid {json.dumps(message, ensure_ascii=False)}")
        if where.plural is None:
            print('msgstr ""\n')
        else:
            print(f'msgid_plural {json.dumps(where.plural, ensure_ascii=False)}\nmsgstr[0] ""\n')
    print(f"{len(found)} messages without a translation", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
