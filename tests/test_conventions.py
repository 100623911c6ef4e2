"""Habits of the house that a machine can see: sizes, words, templates, tests and licences."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import messages

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "zhike"
TEXT = {
    ".py",
    ".html",
    ".txt",
    ".ts",
    ".css",
    ".scss",
    ".md",
    ".po",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".sh",
    "",
}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
HAN = re.compile(r"[\u3400-\u9fff]")
# Put together, so that this file does not find itself.
MARKS = re.compile(
    r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "HA" + "CK", "raise Not" + "ImplementedError"]) + r")\b"
)
MACHINE = re.compile(r"(?<![\w.])/(wo" + r"rk|ro" + r"ot|home/\w+|tmp/\w+)/")
# Names that are the same in every language.
NAMES = {
    "Zhike",
    "API",
    "CSV",
    "XLSX",
    "vCard",
    "JSON",
    "RFM",
    "HTML",
    "PDF",
    "SQL",
    "OpenAPI",
    "MCP",
    "TOTP",
    "Excel",
    "Ctrl",
    "Enter",
    "Esc",
    "Tab",
    "Shift",
    "Python",
    "Apache",
    "Authorization",
    "Bearer",
}


def expect_none(found: list[str]) -> None:
    """Nothing was found; otherwise the failure lists it line by line."""
    assert not found, "\n" + "\n".join(found)


@lru_cache(maxsize=1)
def files() -> list[Path]:
    """All text files of the repository, those not yet committed as well, without what is built or locked."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = (ROOT / name for name in listed.split("\0") if name)
    built = (
        "package-lock.json",
        "requirements/run.txt",
        "requirements/dev.txt",
        "requirements/build.txt",
        "LICENSE",
    )
    return [
        path
        for path in found
        if path.is_file() and path.suffix in TEXT and not str(path.relative_to(ROOT)).endswith(built)
    ]


def _python(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Name and syntax tree of each Python file in these folders, without migrations."""
    for path in files():
        relative = path.relative_to(ROOT)
        if path.suffix == ".py" and relative.parts[0] in folders and "migrations" not in relative.parts:
            yield str(relative), ast.parse(path.read_text(encoding="utf-8"))


def _matching(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """Places where a pattern stands, as `file:line: text`."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def _name(node: ast.expr) -> str:
    """A dotted name such as `time.sleep`, as it is written."""
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


def _calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _name(node.func)):
            yield node.lineno, name


def test_files_stay_short() -> None:
    """Split by noun before a file gets longer than one can hold in mind."""
    code = [
        path for path in files() if path.suffix in {".py", ".ts", ".html"} and "migrations" not in path.parts
    ]
    long = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in code}
    expect_none([f"{name} has {lines} lines" for name, lines in long.items() if lines > LONGEST_FILE])


def test_functions_stay_short() -> None:
    """Lines of a function without its docstring."""
    long = []
    for name, tree in _python("zhike", "bench", "docs"):
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            first = node.body[0]
            documented = ast.get_docstring(node) is not None
            docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            lines = (node.end_lineno or 0) - node.lineno + 1 - docstring
            if lines > LONGEST_FUNCTION:
                long.append(f"{name}:{node.lineno}: {node.name} has {lines} lines")
    expect_none(long)


def test_nothing_is_left_for_another_day() -> None:
    expect_none(_matching(MARKS, files()))


def test_no_path_of_somebodys_machine() -> None:
    expect_none(_matching(MACHINE, files()))


def test_templates_run_under_the_strict_content_policy() -> None:
    """No inline style, script or handler, nothing from elsewhere, nothing unescaped but text of mails."""
    inline = re.compile(
        r"""\sstyle\s*=|<style\b|<script\b(?![^>]*(\ssrc=|nonce=|type="application/json"))|\son[a-z]+\s*="""
        r"""|javascript:|\|\s*safe\b|\{%\s*autoescape\s+off|(src|srcset|action)\s*=\s*["']\s*(https?:)?//""",
        re.IGNORECASE,
    )
    expect_none(_matching(inline, [each for each in messages.templates() if each.suffix != ".txt"]))


def _visible_text(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of what a template shows by itself: outside of tags, variables and translated blocks."""
    blank = lambda match: re.sub(r"[^\n]", " ", match[0])  # noqa: E731
    for pattern in (
        r"\{%\s*comment\b.*?\{%\s*endcomment\s*%\}",
        r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}",
        r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->",
        r"<(script|style)\b.*?</\1>",
        # A language is named, and offered, in its own words.
        r"""<(?!html)(\w+)\b[^>]*\slang="[^"]*"[^>]*>.*?</\1>""",
        r"""\s(?!title=|placeholder=|alt=|aria-label=|aria-description=)[@:\w.-]+\s*=\s*("[^"]*"|'[^']*')""",
    ):
        source = re.sub(pattern, blank, source, flags=re.DOTALL)
    shown = re.compile(
        r"""\b(?:title|placeholder|alt|aria-label|aria-description)\s*=\s*"([^"]*)"|>([^<>]+)<""", re.DOTALL
    )
    for match in shown.finditer(f">{source}<"):
        text = (match[1] or match[2] or "").strip()
        if text and not re.fullmatch(r"[a-z]+(-[a-z]+)+", text):  # a class handed to a parent template
            yield source.count("\n", 0, match.start()) + 1, text


def test_every_word_of_a_template_is_translated() -> None:
    """Bare words, Chinese or English, speak one language only; names that are alike in all may stand."""
    bare = [
        f"{path.relative_to(ROOT)}:{line}: {text[:80]}"
        for path in messages.templates()
        if path.suffix == ".html"
        for line, text in _visible_text(path.read_text(encoding="utf-8"))
        if HAN.search(text.replace("知客", ""))
        or any(word not in NAMES for word in re.findall(r"(?<![&\w])[A-Za-z]{3,}\b(?!;)", text))
    ]
    expect_none(bare)


def test_screens_speak_through_translations() -> None:
    """A Chinese text in the code of a screen would be shown to everybody; single characters are units."""
    spoken = []
    for name, tree in _python("zhike"):
        if name.split("/")[1] not in {"web", "portal"}:
            continue
        bodies = (node for node in ast.walk(tree) if hasattr(node, "body"))
        docs = {id(node.body[0].value) for node in bodies if _starts_with_docstring(node)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in docs:
                continue
            if re.search(HAN.pattern + "{2}", node.value.replace("知客", "")):
                spoken.append(f"{name}:{node.lineno}: {node.value[:60]}")
    expect_none(spoken)


def _starts_with_docstring(node: ast.AST) -> bool:
    body = getattr(node, "body", None)
    return isinstance(body, list) and bool(body) and isinstance(body[0], ast.Expr)


def test_messages_are_whole_when_they_are_looked_up() -> None:
    """An f-string or a sum is put together before the look-up and finds nothing."""
    expect_none([found.place for found in messages.used([PACKAGE]) if found.key is None])


def test_every_message_has_its_chinese() -> None:
    found = messages.missing([PACKAGE])
    expect_none([f"{where.place}: {key[1][:60]}" for key, where in found.items()])


def test_time_comes_from_outside() -> None:
    """Rooms and insight are told what time it is: only entrances and the kernel look at the clock."""
    clocks = {
        "timezone.now",
        "datetime.now",
        "date.today",
        "time.time",
        "datetime.utcnow",
        "datetime.datetime.now",
    }
    free = {"web", "api", "cli", "mcp", "portal", "automation", "feeds", "kernel", "config", "wiring.py"}
    looked = [
        f"{name}:{line}: {call}()"
        for name, tree in _python("zhike")
        if name.split("/")[1] not in free
        for line, call in _calls(tree)
        if call in clocks
    ]
    expect_none(looked)


def test_no_sql_by_hand_in_rooms() -> None:
    """`raw` and `extra` walk past row and field rights."""
    raw = [
        f"{name}:{line}: {call}"
        for name, tree in _python("zhike")
        if not name.startswith(("zhike/kernel/", "zhike/insight/", "zhike/feeds/"))
        for line, call in _calls(tree)
        if call.endswith((".objects.raw", ".extra"))
    ]
    expect_none(raw)


def test_tests_neither_sleep_nor_pretend() -> None:
    """No sleeping, no mocks, no expected failures; only `real_data` and an absent extra may skip."""
    sinful = {
        "time.sleep",
        "sleep",
        "pytest.skip",
        "pytest.mark.skip",
        "pytest.mark.skipif",
        "pytest.mark.xfail",
    }
    helpers = {"tests/real_data.py", "tests/installation.py"}
    found = [
        f"{name}:{line}: {call}"
        for name, tree in _python("tests")
        if name not in helpers
        for line, call in _calls(tree)
        if call in sinful
    ]
    mocks = [
        f"{name}:{node.lineno}: mock"
        for name, tree in _python("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in {"unittest.mock", "unittest"}
    ]
    expect_none(found + mocks)


def test_folders_of_tests_are_packages() -> None:
    """Two rooms may have a test of the same name."""
    folders = {
        path.parent for path in files() if path.is_relative_to(ROOT / "tests") and path.suffix == ".py"
    }
    expect_none(
        [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()]
    )


def test_every_test_can_fail() -> None:
    """A test without an assertion, an expected error or a call of a helper that asserts proves nothing."""
    empty = []
    for name, tree in _python("tests"):
        functions = [
            node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        asserting = {node.name for node in functions if _can_fail(node, set())}
        tests = (node for node in functions if node.name.startswith("test_"))
        empty += [f"{name}:{node.lineno}: {node.name}" for node in tests if not _can_fail(node, asserting)]
    expect_none(empty)


def _can_fail(function: ast.FunctionDef | ast.AsyncFunctionDef, asserting: set[str]) -> bool:
    """Whether it asserts, expects an error, or calls something named like it or known to assert."""
    return any(
        isinstance(node, ast.Assert)
        or (isinstance(node, ast.Name) and node.id in asserting)
        or (isinstance(node, ast.Call) and re.search(r"raises|assert|expect|check", _name(node.func)))
        for node in ast.walk(function)
    )


def test_nothing_we_run_on_is_under_the_gpl() -> None:
    """Zhike is Apache-2.0 and imports nothing under GPL or AGPL; the LGPL allows being imported."""
    locked = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    refused = []
    for name in re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==", locked, re.MULTILINE):
        try:
            about = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform
        fields = ("License-Expression", "License", "Classifier")
        # Some put the whole text of their licence into the field: its first line names it.
        claims = [claim.strip().split("\n")[0] for field in fields for claim in about.get_all(field) or []]
        if any(
            re.search(r"(?<![L])A?GPL|(?<!Lesser )(?<!Library )General Public License", claim)
            for claim in claims
        ):
            refused.append(f"{name}: {claims}")
    expect_none(refused)


def test_locked_lists_hold_what_is_declared() -> None:
    """A package named in pyproject.toml is in its locked list, in a version that fits (`make lock`)."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = declared["project"]
    lists = {
        "run": project["dependencies"],
        "build": declared["dependency-groups"]["build"],
        "dev": [*project["dependencies"], *project["optional-dependencies"]["dev"]],
    }
    unlocked = []
    for name, wanted in lists.items():
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        pins = dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", text, re.MULTILINE))
        for requirement in map(Requirement, wanted):
            pin = pins.get(canonicalize_name(requirement.name))
            if pin is None or not requirement.specifier.contains(pin):
                unlocked.append(f"requirements/{name}.txt: {requirement} is locked at {pin}")
    expect_none(unlocked)
