"""Association rules: who buys this buys that, how much more often than by chance, and how sure that is.

Support and confidence are those of Agrawal, Imieliński & Swami 1993 (*SIGMOD*); lift (interest) and conviction of
Brin et al. 1997 (*SIGMOD*); leverage of Piatetsky-Shapiro 1991. A rule counts as redundant when a more general one
with the same consequent is as confident (Bayardo, Agrawal & Gunopulos 2000, *DMKD* 4: improvement).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.baskets.itemsets import Itemsets
from zhike.insight.models.baskets.significance import (
    Floats,
    false_discovery,
    lift_interval,
    log_chi_squared,
    log_fisher,
    wilson,
)
from zhike.insight.models.exact import Integers
from zhike.insight.types import CannotCarry

Test = Literal["fisher", "chi_squared"]
Flags = npt.NDArray[np.bool_]

_NONE = -1


@dataclass(frozen=True)
class Rules:
    """The answer, strongest lift first; all arrays have one entry per rule.

    antecedents, consequents: codes of products, rising, filled up with −1. both, first, second: baskets that hold
    all of the rule, its antecedent, its consequent, of `baskets` in all. improvement: confidence beyond that of the
    best more general rule (its base rate included). p_value may be too small for a number and then is 0; q_value is
    the share of false discoveries when this rule and all surer ones are believed.
    `tested` rules were looked at; `unsure`, `weak` and `redundant` were left out, in that order.
    """

    items: tuple[str, ...]
    baskets: int
    antecedents: Integers
    consequents: Integers
    both: Integers
    first: Integers
    second: Integers
    improvement: Floats
    p_value: Floats
    q_value: Floats
    level: float
    tested: int
    unsure: int
    weak: int
    redundant: int

    def __len__(self) -> int:
        return len(self.both)

    @property
    def support(self) -> Floats:
        """Share of the baskets that hold all of the rule."""
        return self.both / self.baskets

    @property
    def confidence(self) -> Floats:
        """Share of the baskets with the antecedent that hold the consequent too."""
        return self.both / self.first

    @property
    def lift(self) -> Floats:
        """How many times as often as if the two sides had nothing to do with each other."""
        return self.both * float(self.baskets) / (self.first * self.second.astype(np.float64))

    @property
    def leverage(self) -> Floats:
        """Share of the baskets in which both sides meet beyond chance."""
        return self.support - (self.first / self.baskets) * (self.second / self.baskets)

    @property
    def conviction(self) -> Floats:
        """How many times as often the rule would fail by chance; infinite when it never fails."""
        with np.errstate(divide="ignore"):
            return np.asarray((1 - self.second / self.baskets) / (1 - self.confidence))

    @cached_property
    def table(self) -> pa.Table:
        """antecedent, consequent (lists of products) and every figure, with the intervals of confidence and lift."""
        sure = wilson(self.both, self.first, self.level)
        times = lift_interval(self.both, self.first, self.second, self.baskets, self.level)
        return pa.table(
            {
                "antecedent": self._names(self.antecedents),
                "consequent": self._names(self.consequents),
                "baskets": self.both,
                "support": self.support,
                "confidence": self.confidence,
                "confidence_low": sure[0],
                "confidence_high": sure[1],
                "lift": self.lift,
                "lift_low": times[0],
                "lift_high": times[1],
                "leverage": self.leverage,
                "conviction": self.conviction,
                "improvement": self.improvement,
                "p_value": self.p_value,
                "q_value": self.q_value,
            }
        )

    def sentence(self, at: int, language: Literal["en", "zh"] = "en") -> str:
        """One rule in words, with what it rests on."""
        row = self.table.slice(at, 1).to_pylist()[0]
        figures = {name: row[name] for name in ("confidence", "confidence_low", "confidence_high", "lift")}
        base = self.second[at] / self.baskets
        if language == "zh":
            whole = "买了{}的单据中,{confidence:.1%}也买了{}({confidence_low:.1%}–{confidence_high:.1%});"
            whole += "全部单据中为{:.1%},是其{lift:.2f}倍。依据{:,}张单据。"
            names = ["、".join(row["antecedent"]), "、".join(row["consequent"])]
        else:
            whole = "Of baskets with {}, {confidence:.1%} also hold {} ({confidence_low:.1%}–{confidence_high:.1%}); "
            whole += "of all baskets {:.1%} do: {lift:.2f} times as many. Seen in {:,} baskets."
            names = [" and ".join(row["antecedent"]), " and ".join(row["consequent"])]
        return whole.format(*names, base, row["baskets"], **figures)

    def to_json(self) -> str:
        """The whole answer as JSON; `rules_from_json` brings it back."""
        return json.dumps(
            {
                name: value.tolist() if isinstance(value, np.ndarray) else value
                for name, value in ((name, getattr(self, name)) for name in self.__dataclass_fields__)
            }
        )

    def _names(self, sides: Integers) -> pa.Array:
        there = sides != _NONE
        offsets = pa.array(np.concatenate([[0], np.cumsum(there.sum(axis=1))]), pa.int32())
        return pa.ListArray.from_arrays(
            offsets, pa.array(self.items, pa.string()).take(pa.array(sides[there]))
        )


def rules_from_json(text: str) -> Rules:
    """The rules that `Rules.to_json` wrote. Raises ValueError for other text."""
    told = json.loads(text)
    if not isinstance(told, dict) or set(told) != set(Rules.__dataclass_fields__):
        raise ValueError("this is not the JSON of rules")
    whole = {"antecedents", "consequents", "both", "first", "second"}
    for name in whole:
        told[name] = np.array(told[name], dtype=np.int64)
    for name in ("improvement", "p_value", "q_value"):
        told[name] = np.array(told[name], dtype=np.float64)
    for name in ("antecedents", "consequents"):
        told[name] = told[name].reshape(len(told["both"]), -1)
    return Rules(**(told | {"items": tuple(told["items"])}))


def rules(
    sets: Itemsets,
    *,
    confidence: float = 0.0,
    lift: float = 1.0,
    false_discoveries: float = 0.05,
    improvement: float | None = 0.0,
    consequent: int = 1,
    test: Test = "fisher",
    level: float = 0.95,
) -> Rules:
    """The rules that frequent sets hold.

    Kept are those whose q-value is at most `false_discoveries` (1: all) among all that were looked at, frequent or
    not; whose confidence and lift reach the given ones; and whose improvement over every more general rule is above
    `improvement` (None: redundant ones stay). consequent: most products on the right side. test: "fisher" is exact
    and one-sided, "chi_squared" quick and two-sided. level: of the intervals.
    Raises CannotCarry when no set has two products, ValueError for options outside their range.
    """
    _check(sets, confidence, false_discoveries, level, consequent)
    ante, cons, both, first, second, better = _all_candidates(sets, consequent)
    tested = sum(_ways(size, consequent) * many for size, many in enumerate(sets.counted, 1))
    log_p = (log_fisher if test == "fisher" else log_chi_squared)(both, first, second, sets.baskets)
    q = false_discovery(log_p, tested)
    gain = both / first - better
    times = both * float(sets.baskets) / (first * second.astype(np.float64))
    sure = q <= false_discoveries
    strong = (both / first >= confidence * (1 - 1e-12)) & (times >= lift * (1 - 1e-12))
    new = gain > improvement + 1e-12 if improvement is not None else np.ones(len(gain), dtype=bool)
    kept = np.flatnonzero(sure & strong & new)
    kept = kept[np.lexsort((-both[kept], -times[kept]))]
    return Rules(
        items=sets.items,
        baskets=sets.baskets,
        antecedents=ante[kept],
        consequents=cons[kept],
        both=both[kept],
        first=first[kept],
        second=second[kept],
        improvement=gain[kept],
        p_value=np.exp(log_p[kept]),
        q_value=q[kept],
        level=level,
        tested=tested,
        unsure=int(np.count_nonzero(~sure)),
        weak=int(np.count_nonzero(sure & ~strong)),
        redundant=int(np.count_nonzero(sure & strong & ~new)),
    )


def _check(
    sets: Itemsets, confidence: float, false_discoveries: float, level: float, consequent: int
) -> None:
    if not (0 <= confidence <= 1 and 0 < false_discoveries <= 1 and 0 < level < 1 and consequent >= 1):
        raise ValueError("confidence, false_discoveries and level are shares, consequent is 1 or more")
    if len(sets.levels) < 2:
        raise CannotCarry("no_rules", "no two products are frequent together", baskets=sets.baskets)


def _ways(size: int, consequent: int) -> int:
    """Rules that one set of this size makes."""
    return len(_splits(size, consequent))


def _splits(size: int, consequent: int) -> list[tuple[list[int], list[int]]]:
    """All ways to part the places of a set into antecedent and consequent, neither of them empty."""
    ways = []
    for mask in range(1, (1 << size) - 1):
        right = [at for at in range(size) if mask >> at & 1]
        if len(right) <= consequent:
            ways.append(([at for at in range(size) if not mask >> at & 1], right))
    return ways


def _all_candidates(
    sets: Itemsets, consequent: int
) -> tuple[Integers, Integers, Integers, Integers, Integers, Floats]:
    ante, cons, both, first, second, better = (
        np.concatenate(column)
        for column in zip(*_candidates(sets, consequent, len(sets.levels)), strict=True)
    )
    return ante, cons, both, first, second, better


def _candidates(sets: Itemsets, consequent: int, longest: int) -> Iterator[tuple[Integers | Floats, ...]]:
    """antecedents, consequents, both, first, second, and the best confidence of a more general rule."""
    for size in range(2, longest + 1):
        members, both = sets.members(size), sets.levels[size - 1].counts
        for left, right in _splits(size, consequent):
            ante, cons = members[:, left], members[:, right]
            second = sets.counts(cons)
            best = second / sets.baskets
            for part in _parts(left):
                whole = sets.counts(members[:, sorted([*part, *right])])
                best = np.maximum(best, whole / sets.counts(members[:, part]))
            yield (
                _filled(ante, longest - 1),
                _filled(cons, min(consequent, longest - 1)),
                both,
                sets.counts(ante),
                second,
                best,
            )


def _parts(places: list[int]) -> list[list[int]]:
    """All smaller choices of these places but the empty one."""
    size = len(places)
    return [[places[at] for at in range(size) if mask >> at & 1] for mask in range(1, (1 << size) - 1)]


def _filled(sides: Integers, width: int) -> Integers:
    filled = np.full((len(sides), width), _NONE)
    filled[:, : sides.shape[1]] = sides
    return filled
