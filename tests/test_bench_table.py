"""The table of benchmarks: ratios, growth and alignment."""

from __future__ import annotations

import pytest

from bench.table import Row, exponents, seconds, table


def test_growth_is_the_slope_between_two_sizes_of_one_task() -> None:
    rows = [Row("list", 1_000, 0.010), Row("list", 100_000, 0.100), Row("other", 10, 1.0)]
    assert exponents(rows) == {("list", 100_000): pytest.approx(0.5)}


def test_ratios_are_ours_to_theirs() -> None:
    line = table(
        [Row("list 列表", 50, 0.004, floor=0.002, peer=0.016, peer_name="Odoo", sql=6)]
    ).splitlines()[2]
    assert [cell.strip() for cell in line.strip("|").split("|")] == [
        "list 列表", "50", "4 ms", "2 ms", "16 ms Odoo", "2.00", "0.25", "", "", "6",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"), [(2.0, "2 s"), (0.0123, "12.3 ms"), (4.5e-5, "45 µs"), (None, "")]
)
def test_times_carry_their_unit(value: float | None, text: str) -> None:
    assert seconds(value) == text
