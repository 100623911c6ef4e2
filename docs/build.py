"""Make the documentation into pages: `make docs` writes site/ from README, the guides, decisions and reference.

The Markdown is the documentation and reads well as it is; the pages add a list of all of it, links between them,
and anchors at headings. Nothing is fetched from anywhere: one style sheet, no script.
"""

from __future__ import annotations

import html
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parent.parent
_TOP = ("README.md", "README.zh.md", "CONTRIBUTING.md", "STYLE.md", "CHANGELOG.md")
_GROUPS = {"guides/zh": "指南", "guides/en": "Guides", "reference": "Reference", "decisions": "Decisions"}
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; display: flex; gap: 3rem; font: 16px/1.65 system-ui, "Noto Sans SC", "Noto Sans CJK SC", sans-serif; }
nav { flex: 0 0 15rem; padding: 2rem 1.5rem; border-inline-end: 1px solid #8884; font-size: .875rem; }
nav ul { list-style: none; padding: 0; margin: 0 0 1rem; } nav h2 { font-size: .75rem; opacity: .7; }
main { flex: 1; min-width: 0; max-width: 46rem; padding: 2rem 1.5rem 6rem; }
pre { overflow-x: auto; padding: .75rem 1rem; border: 1px solid #8884; border-radius: .4rem; line-height: 1.4; }
code { font-family: ui-monospace, monospace; font-size: .875em; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border: 1px solid #8884; padding: .3rem .6rem; text-align: start; vertical-align: top; }
img { max-width: 100%; } a[aria-current] { font-weight: 600; }
@media (max-width: 48rem) { body { display: block; } nav { border: 0; padding-block-end: 0; } }
"""


@dataclass(frozen=True, slots=True)
class Page:
    """One Markdown file: where it is, its title, and its address in the site."""

    source: Path
    title: str
    group: str

    @property
    def address(self) -> str:
        """Path below site/, such as decisions/0001-modular-monolith.html."""
        relative = self.source.relative_to(ROOT).as_posix().removeprefix("docs/")
        return "index.html" if relative == "README.md" else relative.removesuffix(".md") + ".html"


def title_of(text: str, otherwise: str) -> str:
    """The first heading of a Markdown text."""
    match = re.search(r"^# (.+)$", text, re.MULTILINE)
    return match[1].strip() if match else otherwise


def pages() -> list[Page]:
    """All documentation: the files at the top, then docs/ group by group."""
    found = [(ROOT / name, "Zhike 知客") for name in _TOP]
    for folder, group in _GROUPS.items():
        found += [(path, group) for path in sorted((ROOT / "docs" / folder).rglob("*.md"))]
    return [
        Page(path, title_of(path.read_text(encoding="utf-8"), path.stem), group)
        for path, group in found
        if path.is_file()
    ]


def links(source: Path) -> list[str]:
    """Targets of the links and pictures of a Markdown file, without those in code blocks."""
    text = re.sub(r"^```.*?^```", "", source.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [first or second for first, second in _LINK.findall(text)]


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it: lower case, words joined by hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(source: Path) -> set[str]:
    """The anchors of all headings of a Markdown file."""
    headings = re.findall(r"^#{1,6} (.+)$", source.read_text(encoding="utf-8"), re.MULTILINE)
    return {anchor(heading) for heading in headings}


def broken_links(found: list[Page]) -> list[str]:
    """Links to files or headings that are not there, each as `file: target`. Addresses on the web are not tried."""
    broken = []
    for page in found:
        for target in links(page.source):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, part = target.partition("#")
            path = (page.source.parent / name).resolve() if name else page.source
            missing = not path.exists() or (part and path.suffix == ".md" and part not in anchors(path))
            if missing:
                broken.append(f"{page.source.relative_to(ROOT)}: {target}")
    return broken


def _body(page: Page, known: dict[Path, Page]) -> str:
    """The page's Markdown as HTML, links to other documents turned into links to their pages."""
    depth = "../" * page.address.count("/")
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = parser.parse(page.source.read_text(encoding="utf-8"))
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(tokens[at + 1].content))
        for child in token.children or ():
            name = "href" if child.type == "link_open" else "src" if child.type == "image" else ""
            if name and not re.match(r"[a-z]+:|#", str(child.attrGet(name))):
                child.attrSet(name, _address(page, str(child.attrGet(name)), known, depth))
    return str(parser.renderer.render(tokens, parser.options, {}))


def _address(page: Page, target: str, known: dict[Path, Page], depth: str) -> str:
    """Where a relative link of a document leads in the site; files that are no documents are copied along."""
    name, _, part = target.partition("#")
    path = (page.source.parent / name).resolve()
    if path in known:
        return depth + known[path].address + (f"#{part}" if part else "")
    return depth + path.relative_to(ROOT).as_posix()


def _navigation(page: Page, found: list[Page]) -> str:
    depth, lines = "../" * page.address.count("/"), []
    for group in dict.fromkeys(other.group for other in found):
        lines.append(f"<h2>{html.escape(group)}</h2><ul>")
        for other in (other for other in found if other.group == group):
            here = ' aria-current="page"' if other == page else ""
            lines.append(f'<li><a href="{depth}{other.address}"{here}>{html.escape(other.title)}</a></li>')
        lines.append("</ul>")
    return "\n".join(lines)


def render(page: Page, found: list[Page]) -> str:
    """One whole HTML page."""
    depth = "../" * page.address.count("/")
    language = "zh-Hans" if page.group == "指南" or page.source.name.endswith(".zh.md") else "en"
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{html.escape(page.title)} · Zhike 知客</title>'
        f'<link rel="stylesheet" href="{depth}style.css"></head>\n<body><nav>{_navigation(page, found)}</nav>\n'
        f"<main>{_body(page, {other.source: other for other in found})}</main></body></html>\n"
    )


def build(site: Path) -> int:
    """Write the whole site anew. Returns the number of pages. Raises SystemExit when a link leads nowhere."""
    found = pages()
    if broken := broken_links(found):
        raise SystemExit("Links that lead nowhere:\n" + "\n".join(broken))
    shutil.rmtree(site, ignore_errors=True)
    for page in found:
        target = site / page.address
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(render(page, found), encoding="utf-8")
        for link in links(page.source):
            picture = (page.source.parent / link.partition("#")[0]).resolve()
            if picture.is_file() and picture.suffix != ".md" and picture.is_relative_to(ROOT):
                copy = site / picture.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(picture, copy)
    (site / "style.css").write_text(_STYLE.lstrip(), encoding="utf-8")
    return len(found)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "site"
    print(f"{build(folder)} pages in {folder}/index.html")
