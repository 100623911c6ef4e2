"""Fitting a model of the customer base, and asking it who is alive and how much they will buy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from zhike.insight.models.customer_base.dropout import BG_NBD, MBG_NBD
from zhike.insight.models.customer_base.family import Family
from zhike.insight.models.customer_base.future import Future, Pairs, future
from zhike.insight.models.customer_base.newton import Fitted, Maximum, maximise, restored
from zhike.insight.models.customer_base.pareto import PARETO_NBD
from zhike.insight.models.customer_base.rows import Places, Rows, grouped
from zhike.insight.models.customer_base.special import Floats
from zhike.insight.models.customer_base.steady import Steady
from zhike.insight.models.customer_base.summary import Summary
from zhike.insight.types import CannotCarry

Name = Literal["bg_nbd", "mbg_nbd", "pareto_nbd", "nbd"]
FAMILIES: Mapping[str, Family] = {family.name: family for family in (BG_NBD, MBG_NBD, PARETO_NBD, Steady())}

_FEWEST = 10
_MANY = 20_000


@dataclass(frozen=True)
class CustomerBase(Fitted):
    """A fitted model. Times are in units of `unit` days; `maximum` has parameters, errors and log-likelihood."""

    model: Name
    maximum: Maximum
    unit: float
    customers: int
    purchases: int

    @property
    def family(self) -> Family:
        """The model's formulas."""
        return FAMILIES[self.model]

    def alive(self, summary: Summary) -> Floats:
        """P(alive) of each customer."""
        self._same_unit(summary)
        return self.family.alive(summary.rows, self.maximum.values)[summary.row_of]

    def purchases_ahead(self, summary: Summary, horizon: float) -> Floats:
        """Expected purchases of each customer in the next `horizon` units of time."""
        self._same_unit(summary)
        rows = self.by_row(summary.rows, horizon)
        return rows.number[summary.row_of]

    def by_row(self, rows: Rows, horizon: float, rate: float = 0.0, values: Floats | None = None) -> Outlook:
        """The outlook of each row; `values` stand in for the parameters."""
        values = self.maximum.values if values is None else values
        pairs, at = pairs_of(rows)
        alive = self.family.alive(rows, values)
        return Outlook.of(alive, future(self.family, values, pairs, float(horizon), rate), at)

    def newcomers(self, horizons: Floats) -> Floats:
        """Expected repeat purchases of a new customer by each time after the first purchase."""
        nothing = np.zeros(len(horizons))
        ahead = future(self.family, self.maximum.values, Pairs(nothing, nothing), horizons)
        return self._begins * ahead.number

    def counts(self, horizon: float, most: int) -> Floats:
        """P(X = 0), P(X = 1), …, P(X = most) of a new customer's repeat purchases in `horizon` units of time."""
        return self.family.counts(horizon, most, self.maximum.values)

    @cached_property
    def _begins(self) -> float:
        """Part of new customers who are still alive after their first purchase."""
        rows, _ = grouped(np.zeros(1, dtype=np.int64), np.zeros(1), np.zeros(1))
        return float(self.family.alive(rows, self.maximum.values)[0])

    def _same_unit(self, summary: Summary) -> None:
        if summary.unit != self.unit:
            raise ValueError(f"the model counts in units of {self.unit} days, the summary of {summary.unit}")

    def to_json(self) -> str:
        """All of it; `from_json` restores it exactly."""
        mine = {
            "model": self.model, "unit": self.unit, "customers": self.customers, "purchases": self.purchases,
        }  # fmt: skip
        return json.dumps(self.maximum.told() | mine)

    @classmethod
    def from_json(cls, text: str) -> CustomerBase:
        """A model as `to_json` wrote it. Raises ValueError or KeyError for anything else."""
        told = json.loads(text)
        fitted = restored(FAMILIES[told["model"]].names, told)
        return cls(told["model"], fitted, told["unit"], told["customers"], told["purchases"])


@dataclass(frozen=True)
class Outlook:
    """Each row's future, weighed with P(alive). number: E[N]; square: E[N²]; worth: E[D]; squares: E[Σ e^(−2δv)];
    products: E[D²] − squares; quiet: P(N = 0)."""

    alive: Floats
    number: Floats
    square: Floats
    worth: Floats
    squares: Floats
    products: Floats
    quiet: Floats

    @classmethod
    def of(cls, alive: Floats, ahead: Future, at: Places) -> Outlook:
        """From the futures of those alive, of which row i has number at[i]."""
        return cls(
            alive=alive,
            number=alive * ahead.number[at],
            square=alive * (ahead.pairs + ahead.number)[at],
            worth=alive * ahead.worth[at],
            squares=alive * ahead.squares[at],
            products=alive * ahead.products[at],
            quiet=1 - alive * (1 - ahead.quiet)[at],
        )


def fit_base(summary: Summary, model: Name = "bg_nbd") -> CustomerBase:
    """The parameters under which the summary is most likely.

    Raises CannotCarry: no_customers, too_few (fewer than ten), no_time, no_repeats, all_equal, not_identified.
    """
    rows = summary.rows
    _can_carry(rows)
    family = FAMILIES[model]
    fitted = maximise(family.scorer(rows), _start(family, rows), family.names)
    bought = int(rows.count @ rows.frequency)
    return CustomerBase(model, fitted, summary.unit, rows.customers, bought)


def pairs_of(rows: Rows) -> tuple[Pairs, Places]:
    """Distinct (x, T), and for each row the place of its pair (rows stand in their order)."""
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (np.diff(rows.frequency) != 0) | (np.diff(rows.age.at) != 0)
    at = np.cumsum(new) - 1
    return Pairs(rows.frequency[new].astype(np.float64), rows.age.values[rows.age.at[new]]), at


def _can_carry(rows: Rows) -> None:
    if not rows.customers:
        raise CannotCarry("no_customers", "there are no customers")
    if rows.customers < _FEWEST:
        message = f"{rows.customers} customers are too few for a model of the base: it takes {_FEWEST}"
        raise CannotCarry("too_few", message, customers=rows.customers)
    if not rows.age.values[rows.age.at].max() > 0:
        raise CannotCarry("no_time", "no customer was seen for any time", customers=rows.customers)
    if not rows.frequency.max():
        raise CannotCarry("no_repeats", "no customer bought a second time", customers=rows.customers)
    if len(rows) == 1:
        raise CannotCarry("all_equal", "all customers bought alike", customers=rows.customers)


def _start(family: Family, rows: Rows) -> tuple[float, ...]:
    """Where to search: for many rows, the maximum of a part of them."""
    if len(rows) < _MANY:
        return family.start(rows)
    part = rows.every(len(rows) * 4 // _MANY)
    try:
        return tuple(maximise(family.scorer(part), family.start(rows), family.names).values.tolist())
    except CannotCarry:
        return family.start(rows)
