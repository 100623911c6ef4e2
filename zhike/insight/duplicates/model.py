"""What the finder has learnt: the weights of every level and the names and contacts that many share."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from zhike.insight.duplicates.levels import FIELDS, FREQUENCY_COLUMNS, Field, Level

RAREST = 1e-5
SMALLEST = 1e-12
LEARNT_M = 8.0
LEARNT_U = 32.0

Key = tuple[str, str]


@dataclass(frozen=True)
class Model:
    """Weights of a Fellegi–Sunter model, usable without any data at hand.

    `odds` is the prior probability that two records drawn at random are one customer. `m` and `u` hold, for
    (field, level), the shares among true and among unlike pairs. `frequencies` holds, for each column with
    rare values, the share of records of every value more frequent than `rarest`. `shared` holds fingerprints
    of phones and e-mails that too many records have for one to tell a customer. `trained` tells whether the
    shares were learnt from data.
    """

    odds: float = 1e-6
    m: Mapping[Key, float] = field(default_factory=lambda: _priors("m"))
    u: Mapping[Key, float] = field(default_factory=lambda: _priors("u"))
    frequencies: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: {column: {} for column in FREQUENCY_COLUMNS}
    )
    rarest: float = RAREST
    shared: frozenset[str] = frozenset()
    trained: bool = False

    @property
    def prior_weight(self) -> float:
        """log2 of the prior odds."""
        return math.log2(self.odds / (1.0 - self.odds))

    @cached_property
    def _weights(self) -> Mapping[Key, float]:
        return {key: math.log2(share / self.u[key]) for key, share in self.m.items()}

    def weight(self, compared: Field, level: Level) -> float:
        """Weight of a level in bits, before the frequency of the value is looked at."""
        return self._weights[compared.name, level.name]

    def rarity(self, compared: Field, level: Level, value: str) -> float:
        """Bits to add because `value` is rarer (or take off because commoner) than others of its column."""
        if level.frequency is None:
            return 0.0
        share = self.frequencies[level.frequency].get(value, self.rarest)
        return math.log2(self.u[compared.name, level.name] / max(share, self.rarest))

    def learnt(self, m: Mapping[Key, float], u: Mapping[Key, float]) -> Model:
        """This model with shares learnt from data, each kept within reason of what was known before.

        A level that the data hardly shows must not come out with an absurd weight: m may move by a factor of
        `LEARNT_M`, u by `LEARNT_U`.
        """
        kept_m = {key: _within(m.get(key), prior, LEARNT_M) for key, prior in self.m.items()} | _given("m")
        kept_u = {key: _within(u.get(key), prior, LEARNT_U) for key, prior in self.u.items()} | _given("u")
        return replace(self, m=kept_m, u=kept_u, trained=True)

    def to_json(self) -> str:
        """The whole model as text that `from_json` reads."""
        return json.dumps(
            {
                "odds": self.odds,
                "m": {"/".join(key): share for key, share in self.m.items()},
                "u": {"/".join(key): share for key, share in self.u.items()},
                "frequencies": {column: dict(shares) for column, shares in self.frequencies.items()},
                "rarest": self.rarest,
                "shared": sorted(self.shared),
                "trained": self.trained,
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> Model:
        """The model that `to_json` wrote; raises ValueError where levels are missing."""
        data = json.loads(text)
        model = cls(
            odds=data["odds"],
            m={_key(name): share for name, share in data["m"].items()},
            u={_key(name): share for name, share in data["u"].items()},
            frequencies=data["frequencies"],
            rarest=data["rarest"],
            shared=frozenset(data["shared"]),
            trained=data["trained"],
        )
        missing = (_priors("m").keys() - model.m.keys()) | (_priors("u").keys() - model.u.keys())
        if missing:
            raise ValueError(f"model: levels are missing: {sorted('/'.join(key) for key in missing)}")
        return model


def probability(weight: float) -> float:
    """The share of one that odds of `weight` bits stand for."""
    return 1.0 / (1.0 + math.exp2(-max(-1000.0, min(1000.0, weight))))


def _priors(share: str) -> dict[Key, float]:
    return {(f.name, level.name): getattr(level, share) for f in FIELDS for level in f.levels}


def _given(share: str) -> dict[Key, float]:
    return {
        (f.name, level.name): getattr(level, share) for f in FIELDS for level in f.levels if not level.learnt
    }


def _key(name: str) -> Key:
    compared, _, level = name.partition("/")
    return compared, level


def _within(learnt: float | None, prior: float, factor: float) -> float:
    if learnt is None or not math.isfinite(learnt) or learnt <= 0:
        return prior
    return min(max(learnt, prior / factor, SMALLEST), prior * factor, 1.0 - SMALLEST)
