"""Segments: groups of customers alike in what is known of them, with proposed names and how far to trust them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.features import Feature, Features, Reader
from zhike.insight.models.exact import Integers
from zhike.insight.models.segments.choice import Stability, Trial, by_gap, by_silhouette, stability, tried
from zhike.insight.models.segments.prototypes import nearest, prototypes
from zhike.insight.models.segments.space import Space, space_of
from zhike.insight.models.segments.traits import Trait, name_of, named, traits
from zhike.insight.types import CannotCarry

_FEWEST = 50


@dataclass(frozen=True)
class Assigned:
    """Segment of each customer (from 0), with `margin`: 0 halfway to the next segment, 1 at the middle of the own."""

    customers: pa.Array
    labels: Integers
    margin: Floats

    @property
    def table(self) -> pa.Table:
        """customer_key, segment, margin."""
        return pa.table({"customer_key": self.customers, "segment": self.labels, "margin": self.margin})


@dataclass(frozen=True)
class Segments:
    """The largest segment first. sizes: customers learnt from; traits: what sets each apart, the clearest first;
    trials: what spoke for each number of segments (empty where the number was given); stability under bootstrap."""

    space: Space
    numbers: Floats
    codes: Integers
    sizes: tuple[int, ...]
    traits: tuple[tuple[Trait, ...], ...]
    trials: tuple[Trial, ...]
    stability: Stability

    def __len__(self) -> int:
        return len(self.sizes)

    def assign(self, features: Features) -> Assigned:
        """The segment of each customer, also of those not learnt from."""
        label, own, other = nearest(self.space.points(features), self.numbers, self.codes)
        far = np.sqrt(other)
        margin = np.where(far > 0, 1 - np.sqrt(own) / np.where(far > 0, far, 1.0), 0.0)
        return Assigned(features.customers, label, margin)

    def names(self, language: str = "en") -> tuple[str, ...]:
        """A proposed name of each segment in words."""
        return tuple(name_of(each, language) for each in named(self.traits))

    def codes_of_names(self) -> tuple[tuple[str, ...], ...]:
        """The names as codes, such as high:amount."""
        return tuple(tuple(trait.code for trait in each) for each in named(self.traits))

    @property
    def table(self) -> pa.Table:
        """segment, customers, share, jaccard, and for each trait code, here, usual, distance, under each other."""
        rows = [
            {
                "segment": at,
                "customers": self.sizes[at],
                "share": self.sizes[at] / sum(self.sizes),
                "jaccard": self.stability.jaccard[at],
                "trait": trait.code,
                "here": trait.here,
                "usual": trait.usual,
                "distance": trait.distance,
            }
            for at, each in enumerate(self.traits)
            for trait in each
        ]
        return pa.Table.from_pylist(rows)

    def to_json(self) -> str:
        """All of it; `from_json` restores it exactly."""
        told = {
            **self.space.reader.told(),
            "logs": self.space.logs,
            "centres": self.space.centres,
            "scales": self.space.scales,
            "weights": self.space.weights,
            "numbers": self.numbers.tolist(),
            "codes": self.codes.tolist(),
            "sizes": self.sizes,
            "traits": [[asdict(trait) for trait in each] for each in self.traits],
            "trials": [asdict(each) for each in self.trials],
            "stability": asdict(self.stability),
        }
        return json.dumps(told)

    @classmethod
    def from_json(cls, text: str) -> Segments:
        """Segments as `to_json` wrote them. Raises ValueError, KeyError or TypeError for anything else."""
        told = json.loads(text)
        space = Space(
            Reader.of_told(told),
            *(tuple(told[name]) for name in ("logs", "centres", "scales", "weights")),
        )
        k = len(told["sizes"])
        steady = told["stability"]
        return cls(
            space,
            np.array(told["numbers"], dtype=np.float64).reshape(k, len(space.logs)),
            np.array(told["codes"], dtype=np.int64).reshape(k, len(space.weights)),
            tuple(told["sizes"]),
            tuple(tuple(_trait(trait) for trait in each) for each in told["traits"]),
            tuple(Trial(**each) for each in told["trials"]),
            Stability(steady["rand"], tuple(steady["jaccard"]), steady["draws"]),
        )


def _trait(told: dict[str, object]) -> Trait:
    about = told["feature"]
    if not isinstance(about, dict):
        raise ValueError("a trait needs a feature")
    return Trait(**(told | {"feature": Feature(**about)}))  # type: ignore[arg-type]


def fit_segments(
    features: Features, *, k: int | None = None, most: int = 8, seed: int = 1, draws: int = 30
) -> Segments:
    """Divides customers into k segments. Without k the number is chosen among 2 to `most`: the one with the highest
    mean silhouette, provided the gap statistic finds more than one group at all.

    Raises ValueError for a number that cannot be; CannotCarry: too_few (50 customers, and ten times k; or fewer
    different ones than segments), constant_features, no_groups (customers are spread evenly: any division is
    arbitrary).
    """
    if k is not None and not 2 <= k <= 50:
        raise ValueError("k: must be from 2 to 50")
    if not 2 <= most <= 20:
        raise ValueError("most: must be from 2 to 20")
    needed = max(_FEWEST, 10 * (k or 2))
    if len(features) < needed:
        message = f"{len(features)} customers are too few: it takes {needed}"
        raise CannotCarry("too_few", message, customers=len(features), needed=needed)
    space = space_of(features)
    points = space.points(features)
    trials: tuple[Trial, ...] = ()
    if k is None:
        trials = tried(points, min(most, len(features) // 10), seed=seed)
        if by_gap(trials) == 1:
            message = (
                "customers form no groups: any division is arbitrary (give a number of segments to have one)"
            )
            raise CannotCarry("no_groups", message, gap=trials[0].gap, gap_of_two=trials[1].gap)
        k = by_silhouette(trials)
    found = prototypes(points, k, seed=seed)
    return Segments(
        space,
        found.numbers,
        found.codes,
        tuple(found.sizes.tolist()),
        traits(features, space, found.labels, k),
        trials,
        stability(points, found, draws=draws, seed=seed),
    )
