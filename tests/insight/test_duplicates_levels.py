"""The two paths, SQL over all records and Python over a few, agree on every level, weight and reason."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.duplicate_records import customers, table
from zhike.insight.duplicates import Model, Options, Record, explain, find_pairs, score_candidates, wording
from zhike.insight.duplicates.levels import ADDRESS_ALIKE, FIELDS, NAME_ALIKE
from zhike.insight.duplicates.prepare import prepare_records
from zhike.insight.duplicates.reasons import WORDINGS
from zhike.insight.duplicates.similarity import jaro_winkler, within_one_edit

_ASCII = st.text(st.sampled_from("abcd12"), max_size=9)
_NAMES = st.sampled_from(
    [
        "",
        "王晓明",
        "王小明",
        "王晓朋",
        "明晓王",
        "張偉",
        "张伟",
        "Wang Xiaoming",
        "xiaoming wang",
        "Wang Xiaomin",
        "华信科技有限公司",
        "上海华信科技股份有限公司",
        "Huaxin Co., Ltd.",
        "o'brien",
        "\x00",
        "'; drop table x; --",
        "🙂🙂🙂",
        "ｗａｎｇ",
    ]
)
_RECORDS = st.builds(
    Record,
    id=st.just("x"),
    kind=st.sampled_from([None, "person", "organisation", "robot"]),
    name=_NAMES | st.none() | st.text(max_size=12),
    name_pinyin=st.sampled_from([None, "wang xiaoming", "wang xiaomin", "zhang wei", "xiaoming wang"]),
    phones=st.lists(
        st.sampled_from(["13800138000", "+8613800138000", "13800138001", "+16502530000", "x"]), max_size=2
    ).map(tuple),
    emails=st.lists(
        st.sampled_from(["wang.xm@qq.com", "WANG.XM@163.com", "wang.xn@qq.com", "service@a.cn", "@"]),
        max_size=2,
    ).map(tuple),
    certificate_hashes=st.lists(st.sampled_from(["h1", "h2", ""]), max_size=2).map(tuple),
    province=st.sampled_from([None, "上海市", "上海", "广东省"]),
    city=st.sampled_from([None, "上海", "深圳市"]),
    district=st.sampled_from([None, "浦东新区", "南山区"]),
    address=st.sampled_from(
        [None, "世纪大道88号1201室", "世纪大道88号1202室", "上海市浦东新区世纪大道88号1201室", "科技园"]
    ),
    birth_date=st.sampled_from([None, "1980-05-01", "1980-01-05", "1981-05-01", "1900-01-01", "junk"]),
)


def told(function: str, left: str, right: str) -> float:
    """What DuckDB's function says of two texts."""
    with duckdb.connect() as connection:
        return float(connection.execute(f"select {function}(?, ?)", [left, right]).fetchall()[0][0])


@given(_ASCII, _ASCII)
def test_edits_are_those_of_duckdb(left: str, right: str) -> None:
    assert within_one_edit(left, right) == (told("damerau_levenshtein", left, right) <= 1)


@given(_ASCII, _ASCII)
def test_jaro_winkler_is_that_of_duckdb(left: str, right: str) -> None:
    assert jaro_winkler(left, right) == pytest.approx(told("jaro_winkler_similarity", left, right), abs=1e-12)


@given(_ASCII, _ASCII)
def test_no_quotient_comes_near_a_threshold(left: str, right: str) -> None:
    assert abs(jaro_winkler(left, right) - NAME_ALIKE) > 1e-9
    assert abs(jaro_winkler(left, right) - ADDRESS_ALIKE) > 1e-9


@settings(max_examples=8)
@given(st.lists(_RECORDS, min_size=12, max_size=24))
def test_both_paths_give_the_same_reasons_for_any_two_records(drawn: list[Record]) -> None:
    # A certificate that all of them share makes the finder look at every pair.
    records = {
        f"r{n}": replace(record, id=f"r{n}", certificate_hashes=(*record.certificate_hashes, "meet"))
        for n, record in enumerate(drawn)
    }
    kinds = Counter(prepared.kind for prepared in prepare_records(list(records.values())))
    findings = find_pairs(table(list(records.values())), options=Options(threshold=0.0, shared_by=3))
    assert len(findings) == sum(n * (n - 1) // 2 for n in kinds.values())
    for found in findings.pairs():
        same = explain(records[found.left], records[found.right], model=findings.model)
        assert [(r.field, r.level) for r in found.reasons] == [(r.field, r.level) for r in same.reasons]
        assert [r.weight for r in found.reasons] == pytest.approx([r.weight for r in same.reasons])
        assert found.weight == pytest.approx(same.weight)


def test_both_paths_agree_over_a_trained_company() -> None:
    records, _ = customers(3_000, seed=3)
    by_id = {record.id: record for record in records}
    findings = find_pairs(table(records), options=Options(threshold=0.0, shared_by=4))
    assert findings.model.trained
    assert findings.model.shared
    levels = set()
    for found in findings.pairs():
        told = explain(by_id[found.left], by_id[found.right], model=findings.model)
        assert [(r.field, r.level) for r in found.reasons] == [(r.field, r.level) for r in told.reasons]
        assert found.weight == pytest.approx(told.weight)
        levels |= {(r.field, r.level) for r in found.reasons}
    assert len(levels) > 20


def test_a_model_survives_being_written_down() -> None:
    records, _ = customers(2_500, seed=4)
    model = find_pairs(table(records)).model
    again = Model.from_json(model.to_json())
    assert again == model
    with pytest.raises(ValueError, match="name/same_name"):
        Model.from_json(model.to_json().replace('"name/same_name"', '"name/gone"'))


def test_every_level_has_words() -> None:
    assert set(WORDINGS) == {(field.name, level.name) for field in FIELDS for level in field.levels}


def test_candidates_while_typing() -> None:
    typed = Record("new", name="章伟", name_pinyin="zhang wei", phones=("138 0013 8000",))
    pairs = score_candidates(
        typed,
        [
            Record("c1", name="李娜", name_pinyin="li na", phones=("+8613900139000",)),
            Record("c2", name="張偉", name_pinyin="zhang wei", phones=("+8613800138000",)),
            Record("c3", kind="organisation", name="章伟公司", phones=("+8613800138000",)),
        ],
    )
    assert [pair.right for pair in pairs] == ["c2", "c1"]
    assert [(r.field, r.level) for r in pairs[0].reasons] == [
        ("name", "same_pinyin"),
        ("phone", "same_phone"),
    ]
    assert wording(pairs[0].reasons[0]) == "Same pinyin, other characters: {left} / {right}"
    assert pairs[0].probability > 0.9 > 0.01 > pairs[1].probability


def test_no_candidates() -> None:
    assert score_candidates(Record("new"), []) == []


def test_scoring_while_typing_loads_neither_duckdb_nor_splink() -> None:
    script = (
        "import sys; from zhike.insight.duplicates import Record, score_candidates;"
        "score_candidates(Record('a', name='張偉'), [Record('b', name='张伟')]);"
        "sys.exit(any(m in sys.modules for m in ('duckdb', 'splink', 'pyarrow', 'django')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
