"""What customers of a block bought, into the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pyarrow as pa

from zhike.feeds.demo.company import Plan
from zhike.feeds.demo.dice import numbers
from zhike.feeds.demo.lines import Documents, purchase_lines
from zhike.feeds.demo.members import BLOCK, Members
from zhike.feeds.demo.process import Ints
from zhike.feeds.knowledge.house import refusal_of, warehouse
from zhike.feeds.knowledge.keys import ensure_keys
from zhike.insight.warehouse import PURCHASE, WarehouseError, append

APPLICATION = "demo"
# Documents at the till whose buyer nobody knows, to those of known customers.
_UNKNOWN = 0.03
# So far apart are the numbers of documents of two blocks.
_APART = BLOCK * 1000


def write_purchases(plan: Plan, members: Members, ids: Sequence[UUID]) -> int:
    """Write a block's purchases once, however often it is called. Returns the lines. Raises Refusal."""
    keys = ensure_keys(ids)
    key = np.array([keys[each] for each in ids], dtype=np.int64)
    by = numbers(plan.seed, "lines", members.first)
    documents = _documents(by, plan, members, key)
    version = members.first // BLOCK + 1
    rows = purchase_lines(
        by, documents, plan.midnight, number_from=(version - 1) * _APART + 1, until=plan.days
    )
    rows = rows.append_column("job", pa.repeat(APPLICATION, rows.num_rows))
    rows = rows.append_column(
        "loaded_at", pa.repeat(pa.scalar(plan.now, pa.timestamp("us", tz="UTC")), rows.num_rows)
    )
    try:
        append(warehouse(), PURCHASE, rows, application=APPLICATION, version=version)
    except WarehouseError as error:
        raise refusal_of(error) from error
    return int(rows.num_rows)


def _documents(by: np.random.Generator, plan: Plan, members: Members, key: Ints) -> Documents:
    bought = members.bought
    strangers = by.choice(bought, int(len(bought) * _UNKNOWN)) if len(bought) else bought
    none = np.zeros(len(strangers), dtype=np.int64)
    return Documents(
        key=np.concatenate([key[members.buyer], none]),
        member=np.concatenate([members.buyer + members.first + 1, none]),
        day=np.minimum(np.concatenate([bought, strangers]), plan.days - 1e-6),
        is_firm=np.concatenate([members.is_firm[members.buyer], none.astype(np.bool_)]),
    )
