"""Two published logs of purchases through warehouse, RFM and pyramid: their known totals come out to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from tests.insight.lines import LOADED_AT
from tests.real_data import real_data
from zhike.insight.models.pyramid import pyramid
from zhike.insight.models.rfm import rfm
from zhike.insight.models.scores import score_rows, scores_of
from zhike.insight.types import Days
from zhike.insight.warehouse import (
    CUSTOMER_SCORE,
    PURCHASE,
    Warehouse,
    append,
    compact,
    purchase_documents,
    purchases,
    query,
)

ONLINE_RETAIL = """
    SELECT 'online_retail' AS source, InvoiceNo AS document,
           CAST(row_number() OVER (PARTITION BY InvoiceNo) AS INTEGER) AS line_no,
           CAST(CustomerID AS BIGINT) AS customer_key, CAST(CAST(CustomerID AS BIGINT) AS VARCHAR) AS source_customer,
           StockCode AS product, Description AS description,
           CAST(Quantity AS DECIMAL(18,4)) AS quantity, CAST(UnitPrice AS DECIMAL(18,6)) AS unit_price,
           CAST(Quantity AS DECIMAL(18,0)) * CAST(UnitPrice AS DECIMAL(18,4)) AS amount, 'GBP' AS currency,
           timezone('UTC', InvoiceDate) AS occurred_at, CAST(InvoiceDate AS DATE) AS occurred_date,
           Quantity < 0 AS is_return, 'job' AS job, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS loaded_at
    FROM read_csv($file)
"""

CDNOW = """
    SELECT 'cdnow' AS source, CAST(row_number() OVER () AS VARCHAR) AS document, 1 AS line_no,
           CAST(part[1] AS BIGINT) AS customer_key, part[1] AS source_customer,
           CAST(part[3] AS DECIMAL(18,4)) AS quantity,
           CAST(round(CAST(part[4] AS DOUBLE) / CAST(part[3] AS DOUBLE), 4) AS DECIMAL(18,4)) AS unit_price,
           CAST(part[4] AS DECIMAL(18,4)) AS amount, 'USD' AS currency,
           timezone('UTC', strptime(part[2], '%Y%m%d')) AS occurred_at,
           CAST(strptime(part[2], '%Y%m%d') AS DATE) AS occurred_date,
           false AS is_return, 'job' AS job, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS loaded_at
    FROM (SELECT regexp_split_to_array(trim(line), '\\s+') AS part
          FROM read_csv($file, columns = {'line': 'VARCHAR'}, header = true, delim = '\\x01'))
"""


def load(warehouse: Warehouse, sql: str, file: str) -> None:
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    reader = connection.sql(sql, params={"file": file}).to_arrow_reader(50_000)
    append(warehouse, PURCHASE, reader, application="import:job", version=1)
    compact(warehouse, PURCHASE)


@pytest.fixture
def retail(warehouse: Warehouse) -> Warehouse:
    load(warehouse, ONLINE_RETAIL, str(real_data("online_retail") / "online_retail.csv.gz"))
    return warehouse


def test_online_retail_has_its_published_totals(retail: Warehouse) -> None:
    found = query(
        retail,
        """SELECT count(*) AS lines, count(DISTINCT customer_key) AS customers, count(DISTINCT document) AS documents,
                  count(*) FILTER (customer_key IS NULL) AS unknown, count(*) FILTER (quantity < 0) AS negative,
                  round(sum(amount), 2) AS amount
           FROM purchase""",
        tables=(PURCHASE,),
    ).to_pylist()[0]
    assert found == {
        "lines": 541_909,
        "customers": 4_372,
        "documents": 25_900,
        "unknown": 135_080,
        "negative": 10_624,
        "amount": Decimal("9747747.93"),
    }


def test_rfm_and_pyramid_of_online_retail(retail: Warehouse) -> None:
    period = Days(date(2010, 12, 1), date(2011, 12, 10))
    quick = rfm(purchase_documents(retail), grain="document", as_of=period.end, period=period)
    slow = rfm(purchases(retail), as_of=period.end, period=period)
    assert quick.table.sort_by("customer_key") == slow.table.sort_by("customer_key")
    assert len(quick.customers) + quick.left_out == 4_372
    known = query(retail, "SELECT sum(amount) AS amount FROM purchase WHERE customer_key IS NOT NULL")
    left = known["amount"][0].as_py() * 10_000 - int(quick.values["money"].sum())
    assert left == sum_of_left_out(retail, quick.customers.to_pylist())
    tiers = pyramid(quick.customers, quick.values["money"])
    assert [tier.customers for tier in tiers.tiers] == [44, 173, 651, 3470]
    assert tiers.tiers[0].share_of_value > 0.25
    assert sum(tier.value for tier in tiers.tiers) == int(quick.values["money"].sum())
    scores = scores_of(quick, tiers)
    for _ in range(2):
        rows = score_rows(scores, model="rfm/1", as_of=period.end, scored_at=LOADED_AT)
        append(retail, CUSTOMER_SCORE, rows, application="score:rfm", version=1)
    found = query(
        retail,
        """SELECT sum(number) FILTER (score = 'monetary') AS money, count(*) FILTER (label = 'platinum') AS platinum,
                  count(*) AS rows FROM customer_score""",
    ).to_pylist()[0]
    assert found["money"] == pytest.approx(int(quick.values["money"].sum()) / 10_000)
    assert (found["platinum"], found["rows"]) == (44, 9 * len(quick.customers))
    with pytest.raises(ValueError, match="other customers"):
        scores_of(quick, pyramid(quick.customers[::-1], quick.values["money"]))


def sum_of_left_out(warehouse: Warehouse, bought: list[int]) -> Decimal:
    sql = "SELECT sum(amount) AS amount FROM purchase WHERE customer_key NOT IN (SELECT unnest($bought::BIGINT[]))"
    amount: Decimal = query(warehouse, sql, {"bought": bought})["amount"][0].as_py()
    return amount * 10_000


def test_cdnow_has_its_published_totals(warehouse: Warehouse) -> None:
    load(warehouse, CDNOW, str(real_data("cdnow") / "CDNOW_master.txt"))
    found = query(
        warehouse,
        """SELECT count(*) AS lines, count(DISTINCT customer_key) AS customers, sum(quantity) AS pieces,
                  sum(amount) AS amount FROM purchase""",
        tables=(PURCHASE,),
    ).to_pylist()[0]
    assert found == {
        "lines": 69_659,
        "customers": 23_570,
        "pieces": Decimal(167_881),
        "amount": Decimal("2500315.63"),
    }
    period = Days(date(1997, 1, 1), date(1998, 7, 1))
    result = rfm(purchase_documents(warehouse), grain="document", as_of=period.end, period=period)
    assert len(result.customers) + result.left_out == 23_570
    assert sum(tier.customers for tier in pyramid(result.customers, result.values["money"]).tiers) == len(
        result.customers
    )
