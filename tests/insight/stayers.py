"""Customers who stay and leave: published data, and made-up ones whose risk is known."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
from python_calamine import CalamineWorkbook

from tests.real_data import real_data
from zhike.insight.models.churn import Examples, Feature, Lives, examples_of, features_of, lives_of

Floats = npt.NDArray[np.float64]

# Months in remission of 42 patients with leukaemia (Freireich et al. 1963, in every textbook): with 6-MP, some of them
# still in remission, and without.
TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
TREATED_LOST = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def remission() -> tuple[Lives, list[str]]:
    """Both groups."""
    lives = lives_of(TREATED + PLACEBO, TREATED_LOST + [1] * len(PLACEBO))
    return lives, ["6-MP"] * len(TREATED) + ["placebo"] * len(PLACEBO)


def rossi() -> tuple[Lives, dict[str, Floats]]:
    """432 persons released from prison, weeks to arrest within a year (Rossi, Berk & Lenihan 1980)."""
    with (Path(__file__).parent / "rossi.csv").open() as file:
        rows = list(csv.DictReader(file))
    columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    return lives_of(columns.pop("week"), columns.pop("arrest")), columns


@dataclass(frozen=True)
class Telco:
    """7,043 customers of a telephone company: what is known of them, whether they left, and what the lost said."""

    examples: Examples
    tenure: Floats
    contract: list[str]
    stated: list[str]


def telco() -> Telco:
    """The published file; skips the test where it is not."""
    folder = real_data("telco_churn_ibm")
    with gzip.open(folder / "Telco-Customer-Churn.csv.gz") as file:
        text = pv.ConvertOptions(column_types={"TotalCharges": pa.string()})
        rows = pv.read_csv(io.BytesIO(file.read()), convert_options=text)
    blank = pc.equal(pc.utf8_trim_whitespace(rows["TotalCharges"]), "")
    total = pc.cast(pc.if_else(blank, None, rows["TotalCharges"]), pa.float64())
    rows = rows.set_column(rows.column_names.index("TotalCharges"), "TotalCharges", total)
    lost = np.asarray(pc.equal(rows["Churn"], "Yes").to_numpy(zero_copy_only=False))
    names = [name for name in rows.column_names if name not in {"customerID", "Churn"}]
    about = [Feature(name, -1 if name == "tenure" else 0, CAUSE_OF.get(name, "other")) for name in names]
    known = features_of(rows, about, key="customerID")
    worth = rows["MonthlyCharges"].to_numpy() * 12
    sheet = CalamineWorkbook.from_path(folder / "Telco_customer_churn_v11_33cols.xlsx").get_sheet_by_index(0)
    table = sheet.to_python()
    said = table[0].index("Churn Reason")
    return Telco(
        examples_of(known, lost, value=worth),
        rows["tenure"].to_numpy().astype(np.float64),
        rows["Contract"].to_pylist(),
        [str(row[said]) for row in table[1:] if row[said]],
    )


CAUSE_OF = {
    "Contract": "marketing",
    "MonthlyCharges": "marketing",
    "TotalCharges": "marketing",
    "PaymentMethod": "marketing",
    "PaperlessBilling": "management",
    "TechSupport": "management",
    "OnlineSecurity": "no_innovation",
    "OnlineBackup": "no_innovation",
    "DeviceProtection": "no_innovation",
    "InternetService": "no_innovation",
}

_RETAIL = """
    SELECT CAST(CustomerID AS BIGINT) AS customer_key, CAST(InvoiceDate AS DATE) AS occurred_date,
           InvoiceNo AS document,
           CAST(Quantity AS DECIMAL(18,0)) * CAST(UnitPrice AS DECIMAL(18,4)) AS amount, 'GBP' AS currency
    FROM read_csv($file)
"""


def retail_lines() -> pa.Table:
    """Lines of Online Retail; skips the test where they are not."""
    file = str(real_data("online_retail") / "online_retail.csv.gz")
    with duckdb.connect(":memory:") as connection:
        return connection.sql(_RETAIL, params={"file": file}).to_arrow_table()


RETAIL_END = date(2011, 12, 10)


def made_up(
    size: int = 2000, *, seed: int = 1, strange: bool = False, noise: bool = False
) -> tuple[Examples, Floats]:
    """Customers whose probability of loss is known: it rises with complaints and falls with age, silver customers leave
    more, and `colour` means nothing. strange: some are of a grade nobody knew; noise: nothing means anything."""
    random = np.random.default_rng(seed)
    complaints = random.poisson(0.8, size).astype(np.float64)
    age = random.uniform(0, 10, size)
    grade = random.choice(["gold", "silver", "iron"], size).astype(object)
    colour = random.choice(["red", "blue"], size)
    odds = -1.2 + 0.9 * complaints - 0.25 * age + 1.1 * (grade == "silver")
    chance = np.full(size, 0.3) if noise else 1 / (1 + np.exp(-odds))
    lost = random.random(size) < chance
    if strange:
        grade[::7] = "platinum"
    complaints[random.random(size) < 0.05] = np.nan
    rows = pa.table(
        {
            "customer_key": np.arange(size),
            "complaints": pa.array(complaints, from_pandas=True),
            "age": age,
            "grade": grade,
            "colour": colour,
        }
    )
    about = [
        Feature("complaints", 1, "management", "Complaints", "投诉次数"),
        Feature("age", -1, "other", "Years with us", "合作年数"),
        Feature("grade", 0, "marketing", "Grade", "等级"),
        Feature("colour"),
    ]
    return examples_of(features_of(rows, about), lost), chance
