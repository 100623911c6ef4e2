"""Baskets: what was bought together, as numbers packed side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.exact import Integers
from zhike.insight.models.spending import NEEDED, Purchases, ask, inside, relation, require_columns
from zhike.insight.sql import quoted
from zhike.insight.types import CannotCarry, Days

Codes = npt.NDArray[np.int32]
By = Literal["document", "day"]

_NOBODY = -1


@dataclass(frozen=True)
class Baskets:
    """Basket i holds codes[offsets[i]:offsets[i + 1]], rising, none twice; code c is the product items[c].

    Codes run from the product in the most baskets to that in the fewest (by name where equal), `counts` says in how
    many. `customers` (−1 where unknown) and `days` (since 1970-01-01) tell whose basket and when, where that is known.
    """

    items: tuple[str, ...]
    offsets: Integers
    codes: Codes
    customers: Integers | None = None
    days: Codes | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def counts(self) -> Integers:
        """Baskets that hold each product."""
        return np.bincount(self.codes, minlength=len(self.items))

    @cached_property
    def sizes(self) -> Integers:
        """Different products in each basket."""
        return np.diff(self.offsets)

    @property
    def density(self) -> float:
        """Part of all pairs of basket and product that came true."""
        return len(self.codes) / (len(self) * len(self.items))

    def limited(self, width: int) -> Baskets:
        """The same baskets, of which only the products with codes below `width` are left."""
        kept = self.codes < width
        before = np.concatenate([[0], np.cumsum(kept)])
        return Baskets(self.items[:width], before[self.offsets], self.codes[kept], self.customers, self.days)


def baskets_of(lists: Iterable[Iterable[str]]) -> Baskets:
    """Baskets given as lists of names. Blanks around a name do not count, nor does an empty name, nor a second mention.

    Raises CannotCarry when nothing is in them.
    """
    cleaned = [[name.strip() for name in names if name.strip()] for names in lists]
    sizes = np.array([len(names) for names in cleaned], dtype=np.int64)
    names = pa.array([name for names in cleaned for name in names], pa.string())
    return _packed(names, np.concatenate([[0], np.cumsum(sizes)]))


def baskets(
    purchases: Purchases,
    *,
    period: Days | None = None,
    by: By = "document",
    leave_out: Collection[str] = (),
) -> Baskets:
    """The baskets of purchase lines: Arrow data, an Ibis table or a DuckDB relation.

    Columns needed: customer_key, occurred_date, product, amount and, by="document", document; used where present:
    source. A basket is what one customer bought on one day in one document (also of unknown buyers), or by="day" all
    that a known customer bought on the day. Lines that brought nothing in (returns, gifts), lines without a product
    and products of `leave_out` (postage, fees) do not count.
    Raises ValueError when a column is missing, CannotCarry when no basket is left.
    """
    rows = relation(purchases)
    require_columns(rows, [*NEEDED, "product", *(["document"] if by == "document" else [])])
    found = ask(rows, _by_basket(rows, period, by, leave_out))
    lists = found["products"].combine_chunks()
    made = _packed(lists.flatten(), np.asarray(lists.offsets, dtype=np.int64))
    customers = found["customer_key"].fill_null(_NOBODY).to_numpy()
    return Baskets(made.items, made.offsets, made.codes, customers, found["day"].to_numpy())


def _by_basket(rows: duckdb.DuckDBPyRelation, period: Days | None, by: By, leave_out: Collection[str]) -> str:
    kept = ["product IS NOT NULL", "trim(product) <> ''", "amount > 0"]
    if period is not None:
        kept.append(inside(period))
    if leave_out:
        kept.append(f"product NOT IN ({', '.join(map(quoted, sorted(leave_out)))})")
    key = "customer_key, occurred_date"
    if by == "day":
        kept.append("customer_key IS NOT NULL")
    else:
        key += ", source, document" if "source" in rows.columns else ", document"
    return f"""SELECT customer_key, CAST(datediff('day', DATE '1970-01-01', occurred_date) AS INTEGER) AS day,
                      list(trim(product)) AS products
               FROM purchases WHERE {" AND ".join(kept)} GROUP BY {key} ORDER BY {key}"""  # noqa: S608


def _packed(names: pa.Array, offsets: Integers) -> Baskets:
    if not len(names):
        raise CannotCarry("no_baskets", "there is nothing in any basket", baskets=max(0, len(offsets) - 1))
    coded = names.dictionary_encode()
    known: Sequence[str] = coded.dictionary.to_pylist()
    basket = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    places = basket * len(known) + coded.indices.to_numpy()
    places.sort()
    once = np.concatenate([[True], places[1:] != places[:-1]])
    basket, code = np.divmod(places[once], len(known))
    return _ranked(known, code, basket, len(offsets) - 1)


def _ranked(known: Sequence[str], code: Integers, basket: Integers, baskets: int) -> Baskets:
    """Gives the codes their order by frequency and sorts each basket anew."""
    held = np.bincount(code, minlength=len(known))
    alphabetical = np.argsort(np.array(known, dtype=object), kind="stable")
    order = alphabetical[np.argsort(-held[alphabetical], kind="stable")]
    rank = np.empty(len(known), dtype=np.int64)
    rank[order] = np.arange(len(known))
    places = basket * len(known) + rank[code]
    places.sort()
    offsets = np.concatenate([[0], np.cumsum(np.bincount(basket, minlength=baskets))])
    return Baskets(tuple(known[at] for at in order), offsets, (places % len(known)).astype(np.int32))


def ragged(starts: Integers, sizes: Integers) -> Integers:
    """The places starts[i], starts[i] + 1, … of all i, sizes[i] of each, one after the other."""
    ends = np.cumsum(sizes)
    return np.repeat(starts - ends + sizes, sizes) + np.arange(ends[-1] if len(ends) else 0)
