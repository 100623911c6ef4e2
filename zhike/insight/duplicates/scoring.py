"""Scoring of a handful of records in plain Python: the warning while typing, the check of an import."""

from __future__ import annotations

from collections.abc import Sequence

from zhike.insight.duplicates.levels import FIELDS
from zhike.insight.duplicates.model import Model, probability
from zhike.insight.duplicates.prepare import Prepared, prepare_records
from zhike.insight.duplicates.types import Pair, Reason, Record

KNOWN_MODEL = Model()


def score_candidates(
    record: Record, candidates: Sequence[Record], *, model: Model = KNOWN_MODEL, threshold: float = 0.0
) -> list[Pair]:
    """How likely each of `candidates` is the customer of `record`, the likeliest first.

    Compares by the same levels and weights as `find_pairs` with the same `model`. Records of another kind
    (person, organisation) are no candidates. `left` of each pair is `record`.
    """
    own, *others = prepare_records([record, *candidates], model.shared)
    pairs = []
    for candidate, other in zip(candidates, others, strict=True):
        if other.kind != own.kind:
            continue
        weight, reasons = weigh(own, other, model)
        likelihood = probability(weight)
        if likelihood >= threshold:
            pairs.append(Pair(record.id, candidate.id, likelihood, weight, reasons))
    pairs.sort(key=lambda pair: -pair.weight)
    return pairs


def explain(left: Record, right: Record, *, model: Model = KNOWN_MODEL) -> Pair:
    """One pair with a reason for every field both records tell, whatever its probability."""
    own, other = prepare_records([left, right], model.shared)
    weight, reasons = weigh(own, other, model)
    return Pair(left.id, right.id, probability(weight), weight, reasons)


def weigh(left: Prepared, right: Prepared, model: Model) -> tuple[float, tuple[Reason, ...]]:
    """The weight of a pair in bits and the reasons that make it up (the rest is the prior)."""
    total = model.prior_weight
    reasons = []
    for compared in FIELDS:
        level = compared.level(left, right)
        if level is None:
            continue
        weight = model.weight(compared, level)
        if level.frequency is not None:
            weight += model.rarity(compared, level, getattr(left, level.frequency))
        total += weight
        reasons.append(Reason(compared.name, level.name, weight))
    return total, tuple(reasons)
