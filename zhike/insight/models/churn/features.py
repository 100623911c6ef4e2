"""What is known of customers at a moment, as columns with a meaning: name, kind, direction and the cause it speaks
for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.causes import CAUSES
from zhike.insight.models.exact import Integers
from zhike.insight.types import CannotCarry

Direction = Literal[-1, 0, 1]

_RARE = 20
_MOST = 250


@dataclass(frozen=True, slots=True)
class Feature:
    """A column. direction: +1 where more may only raise the risk of loss, −1 where it may only lower it, 0 where either
    may be (numbers only); cause: the code of the cause a loss for this reason has; en, zh: what it says."""

    name: str
    direction: Direction = 0
    cause: str = "other"
    en: str = ""
    zh: str = ""

    def __post_init__(self) -> None:
        if self.cause not in CAUSES:
            raise ValueError(f"{self.name}: unknown cause of loss {self.cause}")
        if self.direction not in (-1, 0, 1):
            raise ValueError(f"{self.name}: a direction is -1, 0 or 1")

    def label(self, language: str = "en") -> str:
        """What it says, or its name."""
        return (self.zh if language == "zh" else self.en) or self.name


@dataclass(frozen=True)
class Column:
    """Values of one feature: numbers (missing: not a number), or codes of `categories` (missing: −1)."""

    values: Floats | Integers
    categories: tuple[str, ...] | None = None

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self.categories is None


@dataclass(frozen=True)
class Features:
    """One entry per row in every column; a customer may stand in several rows, seen at several moments."""

    customers: pa.Array
    features: tuple[Feature, ...]
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.customers)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features."""
        return tuple(each.name for each in self.features)

    def column(self, name: str) -> Column:
        """The column of a feature."""
        return self.columns[self.names.index(name)]

    def of(self, rows: npt.NDArray[np.bool_] | Integers) -> Features:
        """Only these rows."""
        columns = tuple(Column(each.values[rows], each.categories) for each in self.columns)
        places = np.flatnonzero(rows) if rows.dtype == bool else rows
        return Features(self.customers.take(pa.array(places)), self.features, columns)

    def beside(self, others: Features) -> Features:
        """These rows with the columns of `others` for the same customers added; missing where they have none."""
        if len(pc.unique(others.customers)) != len(others):
            raise ValueError("a customer stands in several rows of the features to be added")
        found = pc.index_in(self.customers, value_set=others.customers)
        at = np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False))
        added = tuple(Column(_taken(each, at), each.categories) for each in others.columns)
        return Features(self.customers, self.features + others.features, self.columns + added)


def _taken(column: Column, at: Integers) -> Floats | Integers:
    known = at >= 0
    if column.is_number:
        numbers = np.full(len(at), np.nan)
        numbers[known] = column.values[at[known]]
        return numbers
    codes = np.full(len(at), -1, dtype=np.int64)
    codes[known] = column.values[at[known]]
    return codes


def features_of(
    rows: pa.Table, about: Iterable[Feature | str] | None = None, *, key: str = "customer_key"
) -> Features:
    """Features from a table with one row per customer: the columns of `about` (without it, all but the key). Numbers,
    decimals and yes/no become numbers, text becomes categories, dates and lists are refused.

    Raises ValueError naming the column that is missing, infinite, of another type, told twice, or has a direction but
    no order.
    """
    if key not in rows.column_names:
        raise ValueError(f"the table lacks the column {key}")
    chosen = [name for name in rows.column_names if name != key] if about is None else list(about)
    known = tuple(each if isinstance(each, Feature) else Feature(each) for each in chosen)
    names = [each.name for each in known]
    if len(set(names)) < len(names):
        raise ValueError(
            f"told twice: {', '.join(sorted({name for name in names if names.count(name) > 1}))}"
        )
    missing = [name for name in names if name not in rows.column_names]
    if missing:
        raise ValueError(f"the table lacks the columns {', '.join(missing)}")
    columns = tuple(_column(rows[each.name], each) for each in known)
    return Features(rows[key].combine_chunks(), known, columns)


def _column(values: pa.ChunkedArray, feature: Feature) -> Column:
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind):
        if feature.direction:
            raise ValueError(f"{feature.name}: categories have no order, so no direction")
        coded = values.cast(pa.string()).combine_chunks().dictionary_encode()
        codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        return Column(codes, tuple(coded.dictionary.to_pylist()))
    if not (
        pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
    ):
        raise ValueError(f"{feature.name}: {kind} is neither a number nor text")
    numbers = np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    if np.isinf(numbers).any():
        raise ValueError(f"{feature.name}: has infinite values")
    return Column(numbers)


@dataclass(frozen=True)
class Reader:
    """How a model reads features: which, and the categories it knows of each (numbers: None). `usual` is what most of
    those who stayed had: the median, or the commonest category."""

    features: tuple[Feature, ...]
    categories: tuple[tuple[str, ...] | None, ...]
    usual: tuple[float | str | None, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features."""
        return tuple(each.name for each in self.features)

    def told(self) -> dict[str, Any]:
        """The reader as JSON types; `of_told` restores it."""
        features = [asdict(each) for each in self.features]
        return {"features": features, "categories": self.categories, "usual": self.usual}

    @classmethod
    def of_told(cls, told: Mapping[str, Any]) -> Reader:
        """A reader as `told` gave it. Raises KeyError or TypeError for anything else."""
        known = tuple(None if each is None else tuple(each) for each in told["categories"])
        return cls(tuple(Feature(**each) for each in told["features"]), known, tuple(told["usual"]))

    def matrix(self, features: Features) -> Floats:
        """Rows × features as the model has them: numbers, and for categories their place among the known ones, −1 where
        missing or never seen. Raises ValueError for a column that lacks or is of the other kind."""
        missing = [name for name in self.names if name not in features.names]
        if missing:
            raise ValueError(f"features lack {', '.join(missing)}")
        found = np.empty((len(features), len(self.names)))
        for at, (name, known) in enumerate(zip(self.names, self.categories, strict=True)):
            column = features.column(name)
            if column.is_number != (known is None):
                raise ValueError(
                    f"{name}: the model knows it as {'numbers' if known is None else 'categories'}"
                )
            found[:, at] = column.values if known is None else _recoded(column, known)
        return found

    def unseen(self, features: Features) -> dict[str, tuple[str, ...]]:
        """Categories that occur here and that the model does not know, by feature."""
        strange = {}
        for name, known in zip(self.names, self.categories, strict=True):
            column = features.column(name)
            if known is not None and column.categories is not None:
                there = {column.categories[code] for code in np.unique(column.values) if code >= 0}
                if there - set(known):
                    strange[name] = tuple(sorted(there - set(known)))
        return strange


def _recoded(column: Column, known: Sequence[str]) -> Integers:
    assert column.categories is not None  # only categories are recoded
    place = {name: at for at, name in enumerate(known)}
    codes = np.array([*(place.get(name, -1) for name in column.categories), -1], dtype=np.int64)
    return codes[column.values.astype(np.int64)]


def reader(features: Features, stayed: npt.NDArray[np.bool_]) -> Reader:
    """What a model can learn from: features that vary, and categories that occur at least twenty times, the commonest
    250 of each. Raises CannotCarry (constant_features) when nothing varies."""
    kept: list[Feature] = []
    known: list[tuple[str, ...] | None] = []
    usual: list[float | str | None] = []
    for feature, column in zip(features.features, features.columns, strict=True):
        if column.categories is None:
            values = column.values
            some = values[~np.isnan(values)]
            if len(some) and (np.ptp(some) > 0 or len(some) < len(values)):
                kept.append(feature)
                known.append(None)
                usual.append(_median(values[stayed]))
        else:
            counts = np.bincount(column.values + 1, minlength=len(column.categories) + 1)[1:]
            order = [at for at in np.argsort(-counts, kind="stable")[:_MOST] if counts[at] >= _RARE]
            if order and counts[order[0]] < len(features):
                kept.append(feature)
                known.append(tuple(column.categories[at] for at in order))
                usual.append(_commonest(column, stayed))
    if not kept:
        message = "every feature is the same for all customers"
        raise CannotCarry("constant_features", message, features=list(features.names))
    return Reader(tuple(kept), tuple(known), tuple(usual))


def _median(values: Floats | Integers) -> float | None:
    some = values[~np.isnan(values)]
    return float(np.median(some)) if len(some) else None


def _commonest(column: Column, stayed: npt.NDArray[np.bool_]) -> str | None:
    assert column.categories is not None  # only asked of categories
    codes = column.values[stayed]
    codes = codes[codes >= 0].astype(np.int64)
    return column.categories[int(np.bincount(codes).argmax())] if len(codes) else None


def stacked(parts: Sequence[Features]) -> Features:
    """Rows of several moments under each other; all must have the same features."""
    first = parts[0]
    if any(part.features != first.features for part in parts):
        raise ValueError("the features differ")
    columns = []
    for at, column in enumerate(first.columns):
        pieces = [part.columns[at] for part in parts]
        if column.categories is None:
            columns.append(Column(np.concatenate([piece.values for piece in pieces])))
        else:
            names = tuple(sorted({name for piece in pieces for name in piece.categories or ()}))
            columns.append(Column(np.concatenate([_recoded(piece, names) for piece in pieces]), names))
    customers = pa.chunked_array([part.customers for part in parts]).combine_chunks()
    return Features(customers, first.features, tuple(columns))
