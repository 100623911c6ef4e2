"""The catalogue of translations: parts are merged, compiled as gettext reads it, and faults are refused."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

import pytest

from zhike.locale_build import BadCatalogue, compiled, merge

_ZH = "nplurals=1; plural=0;"


def _part(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.po"
    path.write_text(text, encoding="utf-8")
    return path


def test_compiled_catalogue_is_read_by_gettext(tmp_path: Path) -> None:
    one = _part(
        tmp_path, "one", 'msgid "Customer"\nmsgstr "客户"\n\nmsgctxt "month"\nmsgid "May"\nmsgstr "五月"\n'
    )
    two = _part(
        tmp_path,
        "two",
        '# a comment\nmsgid "%(n)s cat"\nmsgid_plural "%(n)s cats"\nmsgstr[0] "%(n)s 只猫"\n'
        'msgid ""\n"long "\n"text"\nmsgstr ""\n"长"\n"文"\n',
    )
    read = gettext.GNUTranslations(io.BytesIO(compiled(merge([one, two]), _ZH)))
    assert read.gettext("Customer") == "客户"
    assert read.pgettext("month", "May") == "五月"
    assert read.ngettext("%(n)s cat", "%(n)s cats", 7) == "%(n)s 只猫"
    assert read.gettext("long text") == "长文"
    assert read.gettext("unknown") == "unknown"


def test_same_translation_in_two_parts_is_fine_and_two_different_are_refused(tmp_path: Path) -> None:
    one = _part(tmp_path, "one", 'msgid "Bill"\nmsgstr "账单"\n')
    same = _part(tmp_path, "same", 'msgid "Bill"\nmsgstr "账单"\n')
    other = _part(tmp_path, "other", '\nmsgid "Bill"\nmsgstr "发票"\n')
    assert len(merge([one, same])) == 1
    with pytest.raises(BadCatalogue, match=r"other\.po:2: 'Bill'|one\.po:1: 'Bill'"):
        merge([one, other])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('msgid "a"\nmsgstr ""\n', "no translation"),
        ('msgid "a"\n', "no translation"),
        ('msgid "a %(n)s"\nmsgstr "甲 %(m)s"\n', "placeholders"),
        ('msgid "a {name}"\nmsgstr "甲"\n', "placeholders"),
        ('msgid "a\\n"\nmsgstr "甲"\n', "line breaks"),
        ('msgid "a"\nmsgstr "甲"\nmsgstr "乙"\n', "twice"),
        ("msgid a\n", "not a line"),
    ],
)
def test_faults_of_a_part_are_refused_with_file_and_line(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(BadCatalogue, match=rf"part\.po:\d+: .*{reason}"):
        merge([_part(tmp_path, "part", text)])
