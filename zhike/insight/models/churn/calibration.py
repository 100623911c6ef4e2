"""From scores to probabilities: of customers told 30 %, 30 % leave. Learnt on scores of customers held out.

Isotonic: pool adjacent violators (Ayer et al. 1955, *Ann. Math. Stat.* 26; Zadrozny & Elkan 2002), with straight lines
between the centres of the pools, so that different scores stay different (Oron & Flournoy 2017, *Stat. Biopharm. Res.*
9). Sigmoid: Platt 1999, with his smoothed targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.lives import Flags
from zhike.insight.models.exact import Integers

Method = Literal["isotonic", "sigmoid"]

_GROUPS = 20_000


@dataclass(frozen=True)
class Calibration:
    """isotonic: probabilities at rising scores, straight lines between; sigmoid: (slope, intercept) of the log-odds."""

    method: Method
    scores: Floats
    values: Floats

    def probability(self, raw: Floats) -> Floats:
        """Probability of loss for each score; never falls when the score rises."""
        if self.method == "isotonic":
            return np.asarray(np.interp(raw, self.scores, self.values))
        slope, intercept = self.values
        return _logistic(slope * raw + intercept)

    def told(self) -> dict[str, Any]:
        """As plain lists, for JSON."""
        return {"method": self.method, "scores": self.scores.tolist(), "values": self.values.tolist()}

    @classmethod
    def of_told(cls, told: dict[str, Any]) -> Calibration:
        """As `told` gave it."""
        return cls(told["method"], np.array(told["scores"], float), np.array(told["values"], float))


def calibrate(raw: Floats, lost: Flags, method: Method) -> Calibration:
    """Learns probabilities from held-out scores and what happened."""
    return _isotonic(raw, lost) if method == "isotonic" else _sigmoid(raw, lost)


def held_out_probability(
    raw: Floats, lost: Flags, folds: Sequence[tuple[Integers, Integers]], method: Method | None = None
) -> tuple[Method, Floats]:
    """The probability of each row by a calibration learnt on the other folds, and the method: the one asked for, else
    the one whose probabilities so found have the lower log-loss."""
    methods: tuple[Method, ...] = (method,) if method else ("sigmoid", "isotonic")
    found = {each: np.empty(len(raw)) for each in methods}
    for each, told in found.items():
        for learnt, held in folds:
            told[held] = calibrate(raw[learnt], lost[learnt], each).probability(raw[held])
    best = min(methods, key=lambda each: log_loss(found[each], lost))
    return best, found[best]


def log_loss(probability: Floats, lost: Flags) -> float:
    """Mean of −ln of the probability told for what happened."""
    sure = np.clip(probability, 1e-15, 1 - 1e-15)
    return float(-np.where(lost, np.log(sure), np.log1p(-sure)).mean())


def _isotonic(raw: Floats, lost: Flags) -> Calibration:
    order = np.argsort(raw, kind="stable")
    scores, hits = raw[order], lost[order].astype(np.float64)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(scores) > 0]))
    if len(starts) > _GROUPS:
        starts = starts[np.linspace(0, len(starts) - 1, _GROUPS).astype(np.int64)]
    number = np.diff(np.append(starts, len(scores))).astype(np.float64)
    blocks = _pooled(np.add.reduceat(hits, starts), number)
    first = np.cumsum([0, *(groups for _, _, groups in blocks)])[:-1]
    # Half a customer at the share of all, so that nobody is told 0 or 1 for certain.
    share = hits.mean()
    values = np.array([(hit + share / 2) / (size + 0.5) for hit, size, _ in blocks])
    centres = np.add.reduceat(scores, starts[first]) / [size for _, size, _ in blocks]
    return Calibration("isotonic", centres, np.maximum.accumulate(values))


def _pooled(hits: Floats, number: Floats) -> list[tuple[float, float, int]]:
    """Neighbouring groups put together until shares rise: hits, size, number of groups of each block."""
    blocks: list[tuple[float, float, int]] = []
    for hit, size in zip(hits.tolist(), number.tolist(), strict=True):
        block = (hit, size, 1)
        while blocks and blocks[-1][0] * block[1] >= block[0] * blocks[-1][1]:
            before = blocks.pop()
            block = (before[0] + block[0], before[1] + block[1], before[2] + block[2])
        blocks.append(block)
    return blocks


def _sigmoid(raw: Floats, lost: Flags) -> Calibration:
    """Newton's method on two parameters, halving steps that do not raise the likelihood (it has one maximum)."""
    positive, negative = int(lost.sum()), int((~lost).sum())
    target = np.where(lost, (positive + 1) / (positive + 2), 1 / (negative + 2))
    x = np.column_stack([raw, np.ones(len(raw))])
    place, here = np.zeros(2), _fit(x, target, np.zeros(2))
    for _ in range(100):
        p = _logistic(x @ place)
        bend = (x * (p * (1 - p))[:, None]).T @ x + 1e-12 * np.eye(2)
        step = np.linalg.solve(bend, x.T @ (target - p))
        while (there := _fit(x, target, place + step)) < here and np.abs(step).max() > 1e-12:
            step = step / 2
        place, here = place + step, there
        if np.abs(step).max() < 1e-9:
            break
    if place[0] < 0:
        # Scores that point the wrong way say nothing: everybody is told the same.
        place = np.array([0.0, np.log(target.mean() / (1 - target.mean()))])
    return Calibration("sigmoid", np.zeros(0), place)


def _fit(x: Floats, target: Floats, place: Floats) -> float:
    """Log-likelihood of the targets."""
    odds = x @ place
    return float((target * odds - np.logaddexp(0, odds)).sum())


def _logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -700, 700))))
