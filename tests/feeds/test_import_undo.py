"""A whole import is taken back; what somebody changed since stays and is named."""

from __future__ import annotations

import pytest

from tests.feeds.importing import HEAD, bring_in, line, state_of_house, worked
from tests.world import World
from zhike.customers.actions import create, update
from zhike.customers.models import ContactPoint, Party
from zhike.customers.types import CustomerChanges
from zhike.kernel.actions import run
from zhike.kernel.errors import NotAllowed, Refusal
from zhike.kernel.models import SearchEntry

pytestmark = pytest.mark.django_db


def test_created_customers_go_with_everything_that_hung_on_them(world: World) -> None:
    context = world.context(world.admin)
    mine = create(context, name="原有客户", phone="13911112222")
    found = bring_in(context, HEAD + "".join(line(n) for n in range(20)))
    run("feeds.undo", context, {"batch": found["id"]})
    undone = worked(context, found["id"])
    assert (undone["state"], undone["undone"]["removed"]) == ("undone", 20)
    assert [party.pk for party in Party.objects.all()] == [mine.id]
    assert SearchEntry.objects.filter(resource="customers").count() == 1
    assert ContactPoint.objects.exclude(party_id=mine.id).count() == 0
    again = bring_in(context, HEAD + "".join(line(n) for n in range(20)))
    assert again["created"] == 20


def test_what_was_changed_since_stays_and_is_named(world: World) -> None:
    context = world.context(world.admin)
    found = bring_in(context, HEAD + line(1) + line(2))
    changed = Party.objects.get(primary_phone="+8613800000001")
    update(context, changed.pk, CustomerChanges(industry="金融业"))
    run("feeds.undo", context, {"batch": found["id"]})
    undone = worked(context, found["id"])["undone"]
    assert (undone["removed"], undone["kept"]) == (1, 1)
    assert undone["examples"][0]["customer"] == str(changed.pk)
    assert list(Party.objects.values_list("pk", flat=True)) == [changed.pk]


def test_changed_customers_get_their_old_values_back(world: World) -> None:
    context = world.context(world.admin)
    known = create(context, name="测试丁", phone="13800000001", industry="制造业")
    row = "姓名,手机,邮箱,行业,标签\n测试丁,13800000001;13800000077,new@example.com,金融业,甲\n"
    found = bring_in(context, row, rule="update")
    assert Party.objects.get(pk=known.id).industry == "金融业"
    run("feeds.undo", context, {"batch": found["id"]})
    undone = worked(context, found["id"])["undone"]
    party = Party.objects.get(pk=known.id)
    assert (party.industry, party.primary_email, undone["restored"]) == ("制造业", "", 1)
    assert list(ContactPoint.objects.filter(party=party).values_list("normalised", flat=True)) == [
        "+8613800000001"
    ]
    assert party.tags.count() == 0


def test_an_import_is_undone_once_and_only_when_it_has_ended(world: World) -> None:
    context = world.context(world.admin)
    found = bring_in(context, HEAD + line(1))
    before = state_of_house()
    run("feeds.undo", context, {"batch": found["id"]})
    with pytest.raises(Refusal):
        run("feeds.undo", context, {"batch": found["id"]})
    assert state_of_house() == before
    with pytest.raises(NotAllowed):
        run("feeds.undo", world.context(world.rep), {"batch": found["id"]})
