"""Why customers leave, in the words of the field, and the ranking of causes by contributions and by stated reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats, wilson
from zhike.insight.models.exact import Integers
from zhike.insight.models.worded import Worded


class Kind(Worded):
    """Kinds of loss: the first four the customer decides, with the last three we end the relation."""

    NATURAL = ("natural: moved away, closed down, died", "自然流失")
    COMPETITION = ("won by a competitor", "竞争流失")
    CHANGED_NEED = ("needs have changed", "需求变化流失")
    OUR_FAULT = ("our own fault", "过失流失")
    NON_MALICIOUS = ("ended by us, no ill will", "非恶意性被动流失")
    REVENGEFUL = ("ended by us after a quarrel", "报复性被动流失")
    MALICIOUS = ("ended by us, ill will", "恶意被动流失")


class Cause(Worded):
    """Causes of loss."""

    MANAGEMENT = ("management: service and care", "管理因素")
    MARKETING = ("marketing: price, offer and channel", "营销因素")
    NO_INNOVATION = ("no innovation: the product fell behind", "缺乏创新")
    MARKET_SWINGS = ("swings of the market or of the customer's need", "市场波动")
    BULLYING = ("bullying: the large customer's terms, or ours", "店大欺客、客大欺店")
    BROKEN_PROMISES = ("broken promises", "诚信问题")
    POLITICS = ("politics and law", "政策法规")
    OTHER = ("other", "其他")


CAUSES: Mapping[str, Cause] = {each.code: each for each in Cause}
KINDS: Mapping[str, Kind] = {each.code: each for each in Kind}


@dataclass(frozen=True, slots=True)
class Stated:
    """What one stated reason stands for: codes of a cause and, where it says who decided and why, of a kind."""

    cause: str
    kind: str = ""

    def __post_init__(self) -> None:
        if (self.kind and self.kind not in KINDS) or self.cause not in CAUSES:
            raise ValueError(f"unknown cause or kind of loss: {self.cause}, {self.kind}")


@dataclass(frozen=True)
class CauseRank:
    """One entry per cause, the heaviest first.

    weight: part of all that raises the risk of the customers looked at (Shapley values above 0); first: customers for
    whom this cause weighs most; stated: lost customers who said so, with the share of all who stated a reason and its
    interval (95 %); unknown: stated reasons without a meaning; kinds: lost customers by kind.
    """

    causes: tuple[str, ...]
    weight: Floats
    first: Integers
    stated: Integers
    share: Floats
    low: Floats
    high: Floats
    unknown: tuple[str, ...]
    kinds: Mapping[str, int]

    @property
    def table(self) -> pa.Table:
        """cause, weight, first, stated, share, low, high."""
        names = ("weight", "first", "stated", "share", "low", "high")
        return pa.table({"cause": pa.array(self.causes), **{name: getattr(self, name) for name in names}})


def by_cause(contributions: Floats, causes: Sequence[str]) -> Floats:
    """Contributions (customers × features) summed into causes (customers × all causes, in the order of `Cause`). Within
    a cause, what raises and what lowers the risk offset each other."""
    codes = list(CAUSES)
    unknown = sorted(set(causes) - set(codes))
    if unknown:
        raise ValueError(f"unknown causes: {', '.join(unknown)}")
    member = np.zeros((len(causes), len(codes)))
    member[np.arange(len(causes)), [codes.index(cause) for cause in causes]] = 1
    return contributions @ member


def rank_causes(
    contributions: Floats | None = None,
    causes: Sequence[str] = (),
    *,
    stated: Sequence[str] = (),
    meaning: Mapping[str, Stated] | None = None,
) -> CauseRank:
    """Ranks causes: by what raises the risk of some customers (contributions × features, `causes` of the features), and
    by reasons that lost customers stated (`meaning` of each reason; those without one count as other and are told as
    `unknown`). Either may be left out; the order is by weight, and by what was stated where there is none."""
    codes = list(CAUSES)
    weight, first = np.zeros(len(codes)), np.zeros(len(codes), dtype=np.int64)
    if contributions is not None and len(contributions):
        raising = np.maximum(by_cause(contributions, causes), 0.0)
        total = raising.sum()
        weight = raising.sum(axis=0) / total if total else weight
        some = raising.max(axis=1) > 0
        first = np.bincount(raising[some].argmax(axis=1), minlength=len(codes))
    meanings = meaning or {}
    other = Stated(Cause.OTHER.code)
    understood = [meanings.get(each, other) for each in stated]
    said = np.bincount([codes.index(each.cause) for each in understood], minlength=len(codes)).astype(
        np.int64
    )
    low, high = wilson(said, np.full(len(codes), max(len(stated), 1)), 0.95)
    order = np.lexsort((-said, -weight))
    kinds = {code: sum(each.kind == code for each in understood) for code in KINDS}
    return CauseRank(
        causes=tuple(codes[at] for at in order),
        weight=weight[order],
        first=first[order],
        stated=said[order],
        share=(said / max(len(stated), 1))[order],
        low=low[order],
        high=high[order],
        unknown=tuple(sorted({each for each in stated if each not in meanings})),
        kinds={code: count for code, count in kinds.items() if count},
    )
