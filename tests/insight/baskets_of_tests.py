"""Baskets for tests: made from short lists, and the two published logs of purchases."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from datetime import date, timedelta

import duckdb
import numpy as np

from tests.insight.lines import line, lines
from tests.insight.test_real_purchases import ONLINE_RETAIL
from tests.real_data import real_data
from zhike.insight.models.baskets import Baskets, baskets, baskets_of

START = date(2025, 1, 1)

# Postage, fees, adjustments: what online_retail sells beside goods.
NO_GOODS = ("POST", "DOT", "M", "m", "D", "C2", "S", "B", "PADS", "CRUK", "BANK CHARGES", "AMAZONFEE")


def groceries() -> Baskets:
    """9,835 baskets of 169 kinds of goods."""
    with gzip.open(real_data("groceries") / "groceries.csv.gz", "rt", encoding="utf-8") as file:
        return baskets_of(csv.reader(file))


def retail_lines() -> duckdb.DuckDBPyRelation:
    """The lines of online_retail, as the warehouse keeps them."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    file = str(real_data("online_retail") / "online_retail.csv.gz")
    return connection.from_arrow(connection.sql(ONLINE_RETAIL, params={"file": file}).to_arrow_table())


def bought(told: Sequence[tuple[int | None, int, str]]) -> Baskets:
    """Baskets by day, of (customer, day from the start, products as letters)."""
    rows = [
        line(customer, START + timedelta(days=day), 1, f"D{at}", product=product, line_no=number)
        for at, (customer, day, products) in enumerate(told)
        for number, product in enumerate(products)
    ]
    return baskets(lines(rows))


def plain(packed: Baskets) -> list[set[str]]:
    """Baskets as sets of names."""
    parts = np.split(packed.codes, packed.offsets[1:-1])
    return [{packed.items[code] for code in part} for part in parts]
