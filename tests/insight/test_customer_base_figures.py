"""The published figures of the CDNOW sample and of two cohorts of contracts, to their printed digits."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tests.insight.buyers import SEEN, WHOLE, cdnow, cdnow_lines
from zhike.insight.models.customer_base import (
    fit_base,
    fit_cohort,
    fit_contracts,
    fit_spend,
    summarise,
    validate,
)
from zhike.insight.models.customer_base.base import Name
from zhike.insight.types import Days

# Fader, Hardie & Lee 2005 and the maxima found since to more digits; MBG/NBD after Batislam et al. 2007.
PUBLISHED: dict[Name, tuple[dict[str, float], float, float | None, float | None]] = {
    "bg_nbd": (
        {"r": 0.242593, "alpha": 4.413534, "a": 0.792888, "b": 2.425761},
        1e-5,
        -9582.4256,
        5e-5,
    ),
    "pareto_nbd": ({"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, 1.5e-3, -9594.974, 5e-4),
    "mbg_nbd": ({"r": 0.5248, "alpha": 6.1830, "a": 0.8914, "b": 1.6140}, 5e-5, None, None),
    "nbd": ({"r": 0.38477, "alpha": 12.07209}, 6e-6, -9763.660, 5e-4),
}


@pytest.mark.parametrize("model", list(PUBLISHED))
def test_parameters_and_likelihood_are_the_published_ones(model: Name) -> None:
    parameters, near, likelihood, nearly = PUBLISHED[model]
    base = fit_base(cdnow(), model)
    assert base.parameters == pytest.approx(parameters, abs=near, rel=0)
    if likelihood is not None:
        assert base.log_likelihood == pytest.approx(likelihood, abs=nearly, rel=0)
    for name, value in base.parameters.items():
        low, high = base.maximum.interval(name)
        assert low < value < high
        assert 0 < base.maximum.standard_errors[name] < value


def test_the_sample_has_its_published_rows() -> None:
    summary = cdnow()
    rows = summary.rows
    assert (len(rows), rows.customers) == (1016, 2357)
    assert (int((summary.frequency == 0).sum()), int(summary.frequency.sum())) == (1411, 2457)


@pytest.mark.parametrize(
    ("model", "ahead", "alive"), [("bg_nbd", 1.226, 0.7266), ("pareto_nbd", 1.4551, 0.8691)]
)
def test_the_customer_of_the_paper(model: Name, ahead: float, alive: float) -> None:
    summary = cdnow()
    base = fit_base(summary, model)
    assert (summary.frequency[0], summary.recency[0], summary.age[0]) == (2, 30.43, 38.86)
    assert base.purchases_ahead(summary, 39)[0] == pytest.approx(ahead, abs=5e-4)
    assert base.alive(summary)[0] == pytest.approx(alive, abs=5e-5)


def test_a_new_customer_of_the_paper() -> None:
    base = fit_base(cdnow())
    assert base.newcomers(np.array([39.0]))[0] == pytest.approx(1.195, abs=5e-4)
    assert base.counts(39, 3) == pytest.approx([0.5743, 0.1992, 0.0853, 0.0458], abs=5e-5)


def test_amounts_are_those_of_the_note() -> None:
    spend = fit_spend(cdnow())
    assert spend.parameters == pytest.approx({"p": 6.2488, "q": 3.7446, "gamma": 15.4477}, abs=6e-5, rel=0)
    assert spend.log_likelihood == pytest.approx(-4055.923, abs=5e-4)
    assert spend.mean == pytest.approx(35.171, abs=5e-4)
    assert (spend.customers, spend.left_out) == (946, 0)


def test_the_summary_from_the_log_is_the_published_one() -> None:
    published = cdnow()
    ours = summarise(cdnow_lines(), period=SEEN, free=True).table.sort_by("customer_key")
    assert ours["frequency"].to_pylist() == published.frequency.tolist()
    for column, values in (("recency", published.recency), ("age", published.age)):
        # The published times are rounded to hundredths of a week.
        assert np.abs(ours[column].to_numpy() - values).max() < 0.00501
    average = np.array(ours["money"].to_pylist(), dtype=float) / np.maximum(published.frequency, 1)
    assert np.abs(average - published.money / 1e4 / np.maximum(published.frequency, 1)).max() < 0.00501


def test_the_models_foretell_the_second_half() -> None:
    """2,357 customers, 39 weeks to learn from and 39 to foretell: 1,882 purchases came."""
    lines = cdnow_lines()
    found = {
        name: validate(lines, period=WHOLE, cut=SEEN.end, model=name, free=True)
        for name in ("bg_nbd", "mbg_nbd", "pareto_nbd", "nbd")
    }
    assert {int(each.actual.sum()) for each in found.values()} == {1882}
    for name in ("bg_nbd", "mbg_nbd", "pareto_nbd"):
        assert abs(found[name].total_error) < 0.17
        assert found[name].mean_absolute_error < 0.8 < found[name].baseline_error
        assert abs(found[name].tracking[-1].expected / found[name].tracking[-1].actual - 1) < 0.07
    assert found["nbd"].total_error > 0.5
    table = found["bg_nbd"].by_frequency
    assert [row.customers for row in table] == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert sum(row.customers * row.actual for row in table) == pytest.approx(1882)
    fitted = found["bg_nbd"].fitted
    assert [row.actual for row in fitted] == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert sum(row.expected for row in fitted) == pytest.approx(2357)
    # What the paper draws in figure 1: a chi-square of 4.82 over eight cells (three degrees of freedom).
    assert sum((row.actual - row.expected) ** 2 / row.expected for row in fitted) == pytest.approx(
        4.82, abs=0.15
    )
    assert found["bg_nbd"].tracking[-1].day == date(1998, 6, 30)
    assert found["bg_nbd"].tracking[-1].actual == 2457 + 1882


def test_only_customers_who_came_in_a_part_of_the_period() -> None:
    january = Days(date(1997, 1, 1), date(1997, 2, 1))
    summary = summarise(cdnow_lines(), period=SEEN, acquired=january, free=True)
    assert summary.first_dates().max() < np.datetime64("1997-02-01")
    everybody = summarise(cdnow_lines(), period=SEEN, free=True)
    assert len(summary) == int((everybody.first_dates() < np.datetime64("1997-02-01")).sum())


# Fader & Hardie 2007, table 1: customers standing each year, of which seven renewals are learnt from.
COHORTS = {
    "high end": ([1000, 869, 743, 653, 593, 551, 517, 491], 0.668, 3.806, -1611.2, [468, 445, 427, 409, 394]),
    "regular": ([1000, 631, 468, 382, 326, 289, 262, 241], 0.704, 1.182, -1680.3, [223, 207, 194, 183, 173]),
}


@pytest.mark.parametrize("name", list(COHORTS))
def test_retention_of_contracts_is_projected_as_published(name: str) -> None:
    standing, alpha, beta, likelihood, later = COHORTS[name]
    contracts = fit_cohort(standing)
    assert contracts.parameters == pytest.approx({"alpha": alpha, "beta": beta}, abs=5e-4, rel=0)
    assert contracts.log_likelihood == pytest.approx(likelihood, abs=0.05)
    assert 1000 * contracts.survival(12)[8:] == pytest.approx(later, rel=0.05)
    renewals = np.repeat(np.arange(8), [*(-np.diff(standing)), standing[-1]])
    alone = fit_contracts(renewals, np.arange(1000) < 1000 - standing[-1])
    assert alone.parameters == pytest.approx(contracts.parameters)
