"""The purchases of the demo obey the process they are drawn from, and their lines the warehouse."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.compute as pc
import pytest

from zhike.feeds.demo.dice import numbers
from zhike.feeds.demo.lines import Documents, purchase_lines
from zhike.feeds.demo.members import blocks
from zhike.feeds.demo.process import Clock, Mix, purchases
from zhike.insight.warehouse import PURCHASE

MIDNIGHT = datetime(2023, 3, 5, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_moments_of_the_process_are_recovered() -> None:
    """Without death the repeats of a time T are negative binomial: mean rT/α, variance mean (1 + T/α)."""
    mix, until, count = Mix(1.2, 80.0, 1e-9, 1.0), 200.0, 40_000
    found = purchases(numbers(3, "moments"), mix, np.zeros(count), until)
    repeats = np.bincount(found.buyer, minlength=count) - 1
    mean = mix.r * until / mix.alpha
    assert repeats.mean() == pytest.approx(mean, rel=0.03)
    assert repeats.var() == pytest.approx(mean * (1 + until / mix.alpha), rel=0.06)


def test_customers_die_as_often_as_the_beta_says() -> None:
    """Given endless time, the share that buys exactly once more is a / (a + b), the mean of p."""
    mix, count = Mix(50.0, 50.0, 1.5, 3.0), 40_000
    found = purchases(numbers(4, "death"), mix, np.zeros(count), 390.0)
    repeats = np.bincount(found.buyer, minlength=count) - 1
    assert (repeats == 1).mean() == pytest.approx(1.5 / 4.5, abs=0.01)


def test_festivals_and_weekends_show() -> None:
    clock = Clock.of(date(2024, 1, 1), 366)
    weight = np.diff(clock.ticks)
    assert weight.sum() == pytest.approx(366)
    day = {name: (date(2024, *moment) - date(2024, 1, 1)).days for name, moment in {
        "618": (6, 18), "singles": (11, 11), "spring": (2, 11), "monday": (3, 4), "saturday": (3, 9),
    }.items()}  # fmt: skip
    assert weight[day["singles"]] > weight[day["618"]] > 2 * weight[day["saturday"]]
    assert weight[day["spring"]] < 0.4 * weight[day["monday"]]
    assert weight[day["saturday"]] > weight[day["monday"]]


def test_blocks_are_the_same_each_time_and_nobody_buys_before_the_beginning() -> None:
    clock = Clock.of(date(2023, 3, 5), 1096)
    one, other = (next(blocks(7, 3000, clock)) for _time in range(2))
    assert np.array_equal(one.bought, other.bought)
    assert (np.diff(one.created) >= 0).all()
    assert one.bought.min() >= 0
    assert one.bought.max() < 1096
    assert 0.7 < (one.count > 0).mean() < 0.9
    assert not one.count[one.is_copy].any()


def test_lines_fit_the_warehouse_and_some_goods_come_back() -> None:
    by, count = numbers(5, "lines"), 4000
    documents = Documents(
        key=np.arange(count) % 90, member=np.arange(count), day=np.sort(by.random(count) * 1096),
        is_firm=by.random(count) < 0.3,
    )  # fmt: skip
    lines = purchase_lines(by, documents, MIDNIGHT, number_from=1, until=1096)
    wanted = {
        column.name: column.type for column in PURCHASE.columns if column.name not in ("job", "loaded_at")
    }
    assert {field.name: field.type for field in lines.schema} == wanted
    returned = lines.filter(lines["is_return"])
    assert 0.01 < returned.num_rows / lines.num_rows < 0.03
    assert pc.max(returned["amount"]).as_py() < 0
    product = pc.round(pc.multiply(lines["quantity"].cast("double"), lines["unit_price"].cast("double")), 2)
    assert np.allclose(product.to_numpy(), lines["amount"].cast("double").to_numpy())
    assert pc.max(lines["occurred_date"]).as_py() < date(2026, 3, 6)
    keys = lines["document"].to_pylist(), lines["line_no"].to_pylist()
    assert len(set(zip(*keys, strict=True))) == lines.num_rows
