"""Changes touch only what they name, keep history, and never overwrite what somebody else saved meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import NOW, World
from zhike.customers.actions import create, update
from zhike.customers.models import PastValue
from zhike.customers.queries import CUSTOMERS
from zhike.customers.types import CustomerChanges, Grade, State
from zhike.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from zhike.kernel.events import facts_of
from zhike.kernel.reading import ListRequest, get_record, list_records


def test_only_the_named_fields_change(world: World) -> None:
    context = world.context(world.rep)
    made = create(context, "王小明", phone="13800138000", industry="零售")
    saved = update(
        context, made.id, CustomerChanges(name="王晓明", phone="021-55558888"), version=made.version
    )
    row = get_record(context, CUSTOMERS, made.id).values
    assert saved.version == made.version + 1 == row["version"]
    assert (row["name"], row["name_pinyin"], row["phone"]) == ("王晓明", "wang xiao ming", "+862155558888")
    assert row["industry"] == "零售"
    fact = facts_of("customers", [made.id])[0]
    assert fact.changes == {
        "name": ["王小明", "王晓明"], "phone": ["+8613800138000", "+862155558888"],
    }  # fmt: skip
    found = [
        list_records(context, CUSTOMERS, ListRequest(text=text)).rows for text in ("晓明", "8000", "8888")
    ]
    assert [len(rows) for rows in found] == [1, 0, 1]


def test_a_stale_save_shows_both_sides(world: World) -> None:
    made = create(world.context(world.rep), "王小明")
    update(world.context(world.manager), made.id, CustomerChanges(name="王大明"), version=1)
    with pytest.raises(Conflict) as refused:
        update(world.context(world.rep), made.id, CustomerChanges(name="王中明"), version=1)
    assert refused.value.theirs == {"name": "王大明"}
    assert refused.value.yours == {"name": "王中明"}
    assert refused.value.version == 2


def test_aspects_keep_half_open_periods(world: World) -> None:
    made = create(world.context(world.rep), "王小明")
    later, last = NOW + timedelta(days=3), NOW + timedelta(days=9)
    update(world.context(world.rep, now=later), made.id, CustomerChanges(state=State.TARGET))
    changes = CustomerChanges(state=State.ACTUAL, grade=Grade.A)
    update(world.context(world.rep, now=last), made.id, changes)
    rows = PastValue.objects.filter(party=made.id).order_by("aspect", "until")
    assert list(rows.values_list("aspect", "value", "since", "until")) == [
        ("grade", "", NOW, last), ("state", "potential", NOW, later), ("state", "target", later, last),
    ]  # fmt: skip


def test_null_empties_and_the_name_cannot_be_emptied(world: World) -> None:
    context = world.context(world.rep)
    made = create(context, "王小明", email="a@example.com", grade=Grade.B)
    update(context, made.id, CustomerChanges(grade=None, email=None))
    row = get_record(context, CUSTOMERS, made.id, ["grade", "email"]).values
    assert row == {"grade": "", "email": ""}
    with pytest.raises(Invalid, match="name"):
        update(context, made.id, CustomerChanges(name=None))


def test_others_records_are_read_only_or_not_found(world: World) -> None:
    made = create(world.context(world.rep), "王小明")
    with pytest.raises(NotAllowed):
        update(world.context(world.colleague), made.id, CustomerChanges(name="x"))
    with pytest.raises(NotFound):
        update(world.context(world.stranger), made.id, CustomerChanges(name="x"))
    update(world.context(world.manager), made.id, CustomerChanges(name="王大明"))
    assert get_record(world.context(world.rep), CUSTOMERS, made.id, ["name"]).values == {"name": "王大明"}
