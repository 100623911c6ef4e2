"""A model of losses: probability for each customer, the reasons, and how far it can be trusted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats, wilson
from zhike.insight.models.churn.boosting import Boosting, grow
from zhike.insight.models.churn.calibration import Calibration, Method, calibrate, held_out_probability
from zhike.insight.models.churn.causes import CauseRank, Stated, rank_causes
from zhike.insight.models.churn.features import Features, Reader, reader
from zhike.insight.models.churn.forest import Forest
from zhike.insight.models.churn.history import day_number
from zhike.insight.models.churn.lives import Flags
from zhike.insight.models.churn.quality import Quality, auc, quality
from zhike.insight.models.churn.reasons import Reasons, reasons_of
from zhike.insight.models.churn.windows import Examples
from zhike.insight.types import CannotCarry

_FEWEST = 30
_TELLING = 0.95
_SURE = 0.99
_BANDS = 20
_LOOKED_AT = 50_000


@dataclass(frozen=True, slots=True)
class Band:
    """Customers told at least `above`, when they were held out: how many of them left, with interval."""

    above: float
    customers: int
    losses: int
    low: float
    high: float


@dataclass(frozen=True)
class ChurnModel:
    """customers and losses learnt from; held_out: quality on customers each of whom was foretold from others; bands:
    what happened to customers by the probability they were told; suspects: features that alone tell nearly all losses,
    which may be known only after the loss."""

    reader: Reader
    forest: Forest
    calibration: Calibration
    customers: int
    losses: int
    held_out: Quality
    bands: tuple[Band, ...]
    suspects: tuple[str, ...]

    def probability(self, features: Features) -> Floats:
        """Probability of loss of each row."""
        return self.calibration.probability(self.forest.raw(self.reader.matrix(features)))

    def interval(self, probability: Floats) -> tuple[Floats, Floats]:
        """Between which shares of such customers leave: 95 % interval of the band each falls into."""
        at = np.searchsorted([band.above for band in self.bands], probability, "right") - 1
        low, high = (np.array([getattr(band, name) for band in self.bands]) for name in ("low", "high"))
        at = np.maximum(at, 0)
        return np.minimum(low[at], probability), np.maximum(high[at], probability)

    def contributions(self, features: Features) -> Floats:
        """Shapley values in log-odds, rows × features of the reader; with `forest.base` they add up to the score."""
        return self.forest.contributions(self.reader.matrix(features))

    def reasons(self, features: Features, *, top: int = 3) -> Reasons:
        """For each row the features that raise its risk most."""
        matrix = self.reader.matrix(features)
        return reasons_of(features, self.reader, self.forest, self.calibration, matrix, top)

    def causes(
        self,
        features: Features,
        *,
        stated: Sequence[str] = (),
        meaning: dict[str, Stated] | None = None,
    ) -> CauseRank:
        """Causes ranked over these customers, beside reasons stated by lost ones."""
        causes = [each.cause for each in self.reader.features]
        return rank_causes(self.contributions(features), causes, stated=stated, meaning=meaning)

    def scores(self, features: Features) -> pa.Table:
        """customer_key, probability, low, high."""
        told = self.probability(features)
        low, high = self.interval(told)
        return pa.table({"customer_key": features.customers, "probability": told, "low": low, "high": high})

    def to_json(self) -> str:
        """All of it; `from_json` restores it exactly."""
        told = {
            **self.reader.told(),
            "trees": self.forest.told(),
            "calibration": self.calibration.told(),
            "customers": self.customers,
            "losses": self.losses,
            "held_out": self.held_out.told(),
            "bands": [asdict(each) for each in self.bands],
            "suspects": self.suspects,
        }
        return json.dumps(told)

    @classmethod
    def from_json(cls, text: str) -> ChurnModel:
        """A model as `to_json` wrote it. Raises ValueError, KeyError or TypeError for anything else."""
        told = json.loads(text)
        known = Reader.of_told(told)
        sizes = tuple(None if each is None else len(each) for each in known.categories)
        return cls(
            known,
            Forest.of_told(told["trees"], sizes),
            Calibration.of_told(told["calibration"]),
            told["customers"],
            told["losses"],
            Quality.of_told(told["held_out"]),
            tuple(Band(**each) for each in told["bands"]),
            tuple(told["suspects"]),
        )


def fit_churn(
    examples: Examples, *, options: Boosting | None = None, calibration: Method | None = None
) -> ChurnModel:
    """Learns who is lost. Each customer is foretold once by trees that have not seen him; on these scores probabilities
    are calibrated. Quality is judged with trees and calibration both learnt from others; `validate` judges on later
    days.

    Raises CannotCarry: no_customers, no_losses, all_lost, too_few (30 customers of either outcome), constant_features,
    no_signal, no_library.
    """
    lost = examples.lost
    _check(examples)
    known = reader(examples.features, ~lost)
    matrix = known.matrix(examples.features)
    grown = grow(matrix, lost, examples.group, known, options or Boosting())
    if auc(grown.held_out, lost, level=_SURE).low <= 0.5:
        message = "the features do not foretell losses better than chance"
        raise CannotCarry("no_signal", message, customers=len(lost), losses=int(lost.sum()))
    method, told = held_out_probability(grown.held_out, lost, grown.folds, calibration)
    calibrated = calibrate(grown.held_out, lost, method)
    return ChurnModel(
        known,
        grown.forest,
        calibrated,
        len(lost),
        int(lost.sum()),
        quality(told, lost, score=grown.held_out),
        _bands(told, lost),
        _suspects(matrix, lost, known),
    )


@dataclass(frozen=True)
class Trial:
    """A model learnt from earlier days alone, and how it did later."""

    model: ChurnModel
    later: Examples
    probability: Floats
    quality: Quality


def validate(
    examples: Examples,
    *,
    cut: date,
    horizon: int,
    options: Boosting | None = None,
    calibration: Method | None = None,
) -> Trial:
    """Learns from cut-offs whose horizon had ended by the day `cut`, and judges on those at and after it.

    Raises ValueError when there are none before or none after; CannotCarry as `fit_churn` and `quality` do.
    """
    day = day_number(cut)
    before, after = examples.cuts + horizon <= day, examples.cuts >= day
    if not before.any() or not after.any():
        raise ValueError("cut: there must be cut-offs whose horizon ended before it, and some from it on")
    model = fit_churn(examples.of(before), options=options, calibration=calibration)
    later = examples.of(after)
    told = model.probability(later.features)
    return Trial(model, later, told, quality(told, later.lost))


def _check(examples: Examples) -> None:
    customers, losses = len(examples), int(examples.lost.sum())
    if not customers:
        raise CannotCarry("no_customers", "there are no customers to learn from")
    if not losses:
        raise CannotCarry("no_losses", "nobody was lost yet", customers=customers)
    if losses == customers:
        raise CannotCarry("all_lost", "everybody was lost", customers=customers)
    if min(losses, customers - losses) < _FEWEST:
        message = f"{losses} of {customers} customers were lost: it takes {_FEWEST} lost and {_FEWEST} others"
        raise CannotCarry("too_few", message, customers=customers, losses=losses)


def _bands(probability: Floats, lost: Flags) -> tuple[Band, ...]:
    """Customers in bands of about equal number, by probability."""
    order = np.argsort(probability, kind="stable")
    edges = np.unique(np.linspace(0, len(order), min(_BANDS, len(order) // _FEWEST) + 1).astype(np.int64))
    starts = np.unique(np.searchsorted(probability[order], probability[order][edges[:-1]], "left"))
    sizes = np.diff(np.append(starts, len(order)))
    hits = np.add.reduceat(lost[order].astype(np.int64), starts)
    low, high = wilson(hits, sizes, 0.95)
    above = probability[order][starts]
    return tuple(
        Band(*each)
        for each in zip(
            above.tolist(), sizes.tolist(), hits.tolist(), low.tolist(), high.tolist(), strict=True
        )
    )


def _suspects(matrix: Floats, lost: Flags, known: Reader) -> tuple[str, ...]:
    """Features that alone order the lost before the others, judged on at most 50,000 of each."""
    found = []
    sides = (np.flatnonzero(lost), np.flatnonzero(~lost))
    part = np.concatenate([side[:: 1 + len(side) // _LOOKED_AT] for side in sides])
    matrix, lost = matrix[part], lost[part]
    for name, categories, values in zip(known.names, known.categories, matrix.T, strict=True):
        some = np.nan_to_num(values, nan=np.nanmedian(values)) if categories is None else _rates(values, lost)
        area = auc(some, lost).value
        if max(area, 1 - area) >= _TELLING:
            found.append(name)
    return tuple(found)


def _rates(codes: Floats, lost: Flags) -> Floats:
    """Share of losses in the category of each row."""
    at = codes.astype(np.int64) + 1
    rate: Floats = np.bincount(at, lost) / np.maximum(np.bincount(at), 1)
    return rate[at]
