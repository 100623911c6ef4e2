"""Buyers made up from a model's own story, and published logs as summaries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tests.real_data import real_data
from zhike.insight.models.customer_base import Summary, summary_of
from zhike.insight.types import Days

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

FIRST_QUARTER = Days(date(1997, 1, 1), date(1997, 4, 1))
SEEN = Days(date(1997, 1, 1), date(1997, 10, 1))
WHOLE = Days(date(1997, 1, 1), date(1998, 7, 1))

_SAMPLE = """
    SELECT CAST(part[2] AS BIGINT) AS customer_key, CAST(strptime(part[3], '%Y%m%d') AS DATE) AS occurred_date,
           CAST(part[5] AS DECIMAL(18,4)) AS amount
    FROM (SELECT regexp_split_to_array(trim(line), '\\s+') AS part
          FROM read_csv($file, columns = {'line': 'VARCHAR'}, header = false, delim = '\\x01'))
"""


def cdnow() -> Summary:
    """The published summary of the CDNOW sample, in weeks; skips the test where it is not."""
    file = real_data("cdnow") / "lifetimes_cdnow_customers_summary_with_transactions.csv"
    rows = np.genfromtxt(file, delimiter=",", skip_header=1)
    x = rows[:, 1].astype(np.int64)
    return summary_of(x, rows[:, 2], rows[:, 3], average=rows[:, 4], last=date(1997, 9, 30))


def cdnow_lines() -> pa.Table:
    """The lines of the CDNOW sample."""
    file = str(real_data("cdnow") / "CDNOW_sample.txt")
    with duckdb.connect(":memory:") as connection:
        return connection.sql(_SAMPLE, params={"file": file}).to_arrow_table()


@dataclass(frozen=True)
class Story:
    """What customers of known nature did up to T, and after it: number and discounted amounts up to the horizon."""

    summary: Summary
    bought: Integers
    worth: Floats


def story(
    chances: int,
    *,
    customers: int,
    seed: int,
    horizon: float = 52.0,
    rate: float = 0.0,
    nature: tuple[float, ...] = (0.6, 8.0, 0.9, 3.0),
    amounts: tuple[float, float, float] = (6.0, 4.0, 15.0),
) -> Story:
    """Buyers of BG/NBD (chances 0) or MBG/NBD (1): gamma rates, beta chances to die after each purchase."""
    random = np.random.default_rng(seed)
    r, alpha, a, b = nature
    age = random.integers(7, 7 * 79, customers) / 7
    pace, risk = random.gamma(r, 1 / alpha, customers), random.beta(a, b, customers)
    scale = random.gamma(amounts[1], 1 / amounts[2], customers)
    alive = random.random(customers) >= risk if chances else np.ones(customers, dtype=bool)
    now, x, last = np.zeros(customers), np.zeros(customers, dtype=np.int64), np.zeros(customers)
    paid, bought, worth = np.zeros(customers), np.zeros(customers, dtype=np.int64), np.zeros(customers)
    while alive.any():
        now = now + random.exponential(1 / pace)
        amount = random.gamma(amounts[0], 1 / scale)
        before = alive & (now <= age)
        after = alive & (now > age) & (now <= age + horizon)
        x, last, paid = x + before, np.where(before, now, last), paid + before * amount
        bought = bought + after
        worth = worth + np.where(after, amount * np.exp(-rate * (now - age)), 0.0)
        alive = (before | after) & (random.random(customers) >= risk)
    average = np.divide(paid, x, out=np.zeros(customers), where=x > 0)
    return Story(summary_of(x, last, age, average=average), bought, worth)
