"""Documentation cannot lag: its commands exist, its links lead somewhere, its reference is what the program says."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
READMES = [path for path in (ROOT / "README.md", ROOT / "README.zh.md") if path.exists()]


def _builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


build = _builder()
DOCUMENTS = [page.source for page in build.pages()]


def _targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE))


def test_links_lead_somewhere() -> None:
    assert build.broken_links(build.pages()) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_make_commands_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^\s*\$?\s*)make ([a-z]+)\b", text, re.MULTILINE))
    assert named <= _targets()


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_readmes_stay_short(readme: Path) -> None:
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= 120


def test_decisions_are_numbered_without_gaps_and_short() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(len(decisions)))
    assert [path.name for path in decisions if len(path.read_text(encoding="utf-8").split()) > 400] == []


def test_site_has_a_page_for_every_document(tmp_path: Path) -> None:
    assert build.build(tmp_path) == len(DOCUMENTS)
    for page in build.pages():
        written = (tmp_path / page.address).read_text(encoding="utf-8")
        assert "<h1" in written
        for address in re.findall(r'(?:href|src)="([^"#:]+)["#]', written):
            assert ((tmp_path / page.address).parent / address).exists(), (page.address, address)


def test_help_lists_every_target() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in said.splitlines() if line.startswith("  make ")} == _targets()


def test_the_reference_is_what_the_program_says(tmp_path: Path) -> None:
    """`zhike docs reference` was run and committed after the last change of an action, field, role or command."""
    written, committed = tmp_path / "reference", ROOT / "docs" / "reference"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "zhike.config.settings"}
    command = [sys.executable, "-m", "zhike.cli", "docs", "reference", str(written)]
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert _texts(written) == _texts(committed), "run `make docs` and commit docs/reference/"


def _texts(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.md"))
    }
