"""The answers about customers' value: figures of the whole company, counted over those the reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from zhike.customers.queries import CUSTOMERS
from zhike.feeds.knowledge.keys import ids_of
from zhike.feeds.knowledge.models import Policy
from zhike.feeds.knowledge.policy import TIER_CODES
from zhike.feeds.knowledge.refusals import refusal_for
from zhike.feeds.knowledge.scoring import Basis, Knowledge, basis, compare, know, span
from zhike.feeds.knowledge.seen import may_see, require_fields, seen_among, sees_all, units_for
from zhike.feeds.knowledge.value_types import (
    BandRead,
    Behind,
    CellRead,
    MigrationView,
    PersonBehind,
    Scope,
    TierRead,
    TypeRead,
    ValueView,
)
from zhike.insight.models.exact import EXACT
from zhike.insight.models.migration import ABSENT
from zhike.insight.models.rfm import TYPES
from zhike.insight.types import CannotCarry
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.fields import readable_fields
from zhike.kernel.values import values_of

Mask = npt.NDArray[np.bool_]
LAST_SCORES = "last_scores"


def asked(
    context: Context, as_of: date | None, days: int | None, currency: str, unit: UUID | None
) -> tuple[Basis, Scope]:
    """The basis of a view and what it says about itself. Raises Refusal when there are no purchases."""
    require_fields(context, "value_tier", "r", "f")
    try:
        have, at = span(), basis(context, as_of=as_of, days=days, currency=currency)
    except CannotCarry as error:
        raise refusal_for(error) from error
    units = units_for(context, unit)
    scope = Scope(
        as_of=at.as_of, start=at.period.start, days=at.days, currency=at.currency,
        currencies=list(have.currencies), first=have.first, last=have.last, unit=unit, unit_ids=units.chosen,
        units=units.choices, scored=is_scored(at), money=may_see(context, "monetary"),
    )  # fmt: skip
    return at, scope


def is_scored(at: Basis) -> bool:
    """Whether the scores on the customers' records are those of this basis."""
    row = Policy.objects.filter(name=LAST_SCORES).first()
    return row is not None and row.body == mark_of(at)


def remember_scores(context: Context, at: Basis) -> None:
    """Note on what basis the customers are scored from now on."""
    Policy.objects.update_or_create(
        name=LAST_SCORES, defaults={"body": mark_of(at), "updated_at": context.now}
    )


def mark_of(at: Basis) -> dict[str, Any]:
    """What tells one basis from another, as JSON."""
    return {
        "as_of": at.as_of.isoformat(), "days": at.days, "currency": at.currency,
        "policy": {key: value for key, value in asdict(at.policy).items() if key not in ("version", "shares")}
        | {"shares": list(at.policy.shares)},
    }  # fmt: skip


def _known(at: Basis) -> Knowledge:
    try:
        return know(at)
    except CannotCarry as error:
        raise refusal_for(error) from error


def value_view(
    context: Context, as_of: date | None, days: int | None, currency: str, unit: UUID | None
) -> ValueView:
    """Pyramid, map and types."""
    at, scope = asked(context, as_of, days, currency, unit)
    found = _known(at)
    seen = seen_among(context, found.rfm.customers, scope.unit_ids)
    worth = found.rfm.values["money"][seen]
    whole = int(np.maximum(worth, 0).sum())
    return ValueView(
        scope=scope, customers=int(seen.sum()), value=_money(scope, int(worth.sum())),
        tiers=_tiers(found, seen, scope, whole), bands=found.rfm.bands, cells=_cells(found, seen, scope),
        types=_types(found, seen, scope), recency=_bands(found, seen, "recency"),
        frequency=_bands(found, seen, "frequency"),
        money=_bands(found, seen, "money") if scope.money else [],
        # Nobody knows whose they are: told to those alone who see everybody.
        left_out=found.rfm.left_out if sees_all(context, scope.unit_ids) else 0,
    )  # fmt: skip


def _money(scope: Scope, amount: int | None) -> float | None:
    return None if amount is None or not scope.money else amount / EXACT


def _tiers(found: Knowledge, seen: Mask, scope: Scope, whole: int) -> list[TierRead]:
    places, values = found.pyramid.places[seen], found.pyramid.values[seen]
    tiers = []
    for place, code in enumerate(TIER_CODES):
        mine = values[places == place]
        some = len(mine) > 0
        tiers.append(
            TierRead(
                code, len(mine), len(mine) / max(len(values), 1), _money(scope, int(mine.sum())),
                int(mine.sum()) / max(whole, 1) if scope.money else None,
                _money(scope, int(mine.min()) if some else None), _money(scope, int(mine.max()) if some else None),
            )
        )  # fmt: skip
    return tiers


def _cells(found: Knowledge, seen: Mask, scope: Scope) -> list[CellRead]:
    r, f = found.rfm.numbers["recency"][seen], found.rfm.numbers["frequency"][seen]
    money = found.rfm.values["money"][seen]
    numbers = range(1, found.rfm.bands + 1)
    cells = []
    for recency in numbers:
        for frequency in numbers:
            mine = (r == recency) & (f == frequency)
            cells.append(CellRead(recency, frequency, int(mine.sum()), _money(scope, int(money[mine].sum()))))
    return cells


def _types(found: Knowledge, seen: Mask, scope: Scope) -> list[TypeRead]:
    types, money = found.rfm.types[seen], found.rfm.values["money"][seen]
    return [
        TypeRead(kind.code, int((types == at).sum()), _money(scope, int(money[types == at].sum())))
        for at, kind in enumerate(TYPES)
    ]


def _bands(found: Knowledge, seen: Mask, measure: Any) -> list[BandRead]:
    numbers, values = found.rfm.numbers[measure][seen], found.rfm.values[measure][seen]
    factor = EXACT if measure == "money" else 1
    bands = []
    for number in range(found.rfm.bands, 0, -1):
        mine = values[numbers == number]
        low, high = (float(mine.min()) / factor, float(mine.max()) / factor) if len(mine) else (None, None)
        bands.append(BandRead(number, low, high))
    return bands


def _pair(
    context: Context,
    before: date | None,
    after: date | None,
    days: int | None,
    currency: str,
    unit: UUID | None,
) -> tuple[Scope, Any, Mask, date, date, Knowledge]:
    at, scope = asked(context, after, days, currency, unit)
    earlier = before or at.as_of - timedelta(days=at.policy.compare_days)
    if earlier >= at.as_of:
        raise Invalid({"before": _("Take a day before %(day)s.") % {"day": at.as_of.isoformat()}})
    was = Basis(at.policy, earlier, at.days, at.currency)
    now = _known(at)
    moves = compare(_known(was), now)
    return scope, moves, seen_among(context, moves.customers, scope.unit_ids), earlier, at.as_of, now


def migration_view(
    context: Context,
    before: date | None,
    after: date | None,
    days: int | None,
    currency: str,
    unit: UUID | None,
) -> MigrationView:
    """Who moved between tiers from one day to another, each day with the period before it."""
    scope, moves, seen, earlier, later, _now = _pair(context, before, after, days, currency, unit)
    size = len(moves.groups)
    cells = moves.before[seen].astype(np.intp) * size + moves.after[seen]
    matrix = np.bincount(cells, minlength=size * size).reshape(size, size)
    return MigrationView(
        scope=scope, before=earlier, after=later, groups=list(moves.groups), matrix=matrix.tolist(),
        risen=int(np.tril(matrix[:-1, :-1], -1).sum()), fallen=int(np.triu(matrix[:-1, :-1], 1).sum()),
        entered=int(matrix[-1].sum()), left=int(matrix[:, -1].sum()),
    )  # fmt: skip


def movers(
    context: Context, before: date | None, after: date | None, days: int | None, currency: str,
    unit: UUID | None, came_from: str, went_to: str, start: int, size: int,
) -> Behind:  # fmt: skip
    """The customers behind one cell of the migration."""
    scope, moves, seen, _earlier, later, now = _pair(context, before, after, days, currency, unit)
    groups = (*TIER_CODES, ABSENT)
    came, went = _place("came_from", groups, came_from), _place("went_to", groups, went_to)
    chosen = seen & (moves.before == came) & (moves.after == went)
    return _people(context, scope, now, moves.customers.to_numpy()[chosen], later, start, size)


def behind(
    context: Context, as_of: date | None, days: int | None, currency: str, unit: UUID | None,
    tier: str, kind: str, r: int | None, f: int | None, start: int, size: int,
) -> Behind:  # fmt: skip
    """The customers behind a figure of the pyramid, the map or the types."""
    at, scope = asked(context, as_of, days, currency, unit)
    found = _known(at)
    chosen = seen_among(context, found.rfm.customers, scope.unit_ids)
    if tier:
        chosen &= found.pyramid.places == _place("tier", TIER_CODES, tier)
    if kind:
        chosen &= found.rfm.types == _place("kind", [each.code for each in TYPES], kind)
    if r is not None:
        chosen &= found.rfm.numbers["recency"] == r
    if f is not None:
        chosen &= found.rfm.numbers["frequency"] == f
    return _people(context, scope, found, found.rfm.customers.to_numpy()[chosen], at.as_of, start, size)


def _place(name: str, codes: Sequence[str], code: str) -> int:
    if code not in codes:
        raise Invalid({name: _("Choose one of: %(expected)s.") % {"expected": ", ".join(codes)}})
    return codes.index(code)


def _people(
    context: Context,
    scope: Scope,
    found: Knowledge,
    keys: npt.NDArray[np.int64],
    as_of: date,
    start: int,
    size: int,
) -> Behind:
    """One page of customers, those who brought most first (in an order that gives no amounts away where hidden)."""
    ordered = keys
    if scope.money:
        standing = found.rfm.customers.to_numpy()
        order = np.argsort(standing)
        at = order[np.clip(np.searchsorted(standing[order], keys), 0, len(standing) - 1)]
        worth = np.where(standing[at] == keys, found.rfm.values["money"][at], -(2**62))
        ordered = keys[np.lexsort((keys, -worth))]
    rows = _rows(context, scope, found, ordered[start : start + size].tolist())
    more = start + size if start + size < len(ordered) else None
    return Behind(rows, len(ordered), more, scope.currency, as_of)


def _rows(context: Context, scope: Scope, found: Knowledge, keys: Sequence[int]) -> list[PersonBehind]:
    standing = found.rfm.customers.to_pylist()
    places = {key: place for place, key in enumerate(standing)}
    people, values = ids_of(keys), found.rfm.values
    readable = readable_fields(context.actor, CUSTOMERS)
    wanted: Sequence[str] = ("name", "number")
    fields = {name: readable[name] for name in wanted if name in readable}
    shown = values_of(CUSTOMERS, fields, list(people.values()))
    rows = []
    for key in keys:
        text, place = shown.get(people[key], {}), places.get(key)
        who = (people[key], str(text.get("number") or ""), str(text.get("name") or ""))
        if place is None:
            rows.append(PersonBehind(*who, ABSENT, None, None, None))
            continue
        rows.append(
            PersonBehind(
                *who, TIER_CODES[found.pyramid.places[place]], int(values["recency"][place]),
                int(values["frequency"][place]), _money(scope, int(values["money"][place])),
            )
        )  # fmt: skip
    return rows
