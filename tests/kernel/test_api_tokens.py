"""Tokens: the user's own rights, narrowed; shown once; dead when they should be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import NOW, World
from zhike.kernel import api_tokens, staff_actions
from zhike.kernel.actions import run
from zhike.kernel.actor import ActorKind, Context
from zhike.kernel.api_tokens import NewToken, actor_of_token
from zhike.kernel.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from zhike.kernel.models import ApiToken, Fact, IdempotencyKey, User

LATER = NOW + timedelta(days=1)


def make(world: World, user: User, *scopes: str, days: int = 90) -> NewToken:
    """A token of somebody, made by themselves."""
    return api_tokens.create(world.context(user), "CRM ↔ ERP", list(scopes), days)


def test_a_token_acts_as_its_user_within_its_scopes(world: World) -> None:
    token = make(world, world.rep, "customers.read", "views.*")
    actor = actor_of_token(token.secret, LATER)
    mine = world.actor(world.rep)
    assert (actor.kind, actor.id, actor.unit_ids_below) == (
        ActorKind.INTEGRATION,
        mine.id,
        mine.unit_ids_below,
    )
    assert actor.name == "李明 · CRM ↔ ERP"
    assert actor.may("customers.read")
    assert actor.may("views.create")
    assert not actor.may("customers.create")
    assert mine.may("customers.create")
    assert not actor.may("staff.manage")


def test_a_token_costs_two_statements_and_notes_its_use_once_a_minute(world: World) -> None:
    token = make(world, world.rep, "customers.read")
    counts = []
    for seconds in (0, 1, 59, 60):
        with CaptureQueriesContext(connection) as statements:
            actor_of_token(token.secret, LATER + timedelta(seconds=seconds))
        counts.append(len(statements))
    assert counts == [3, 2, 2, 3]
    assert ApiToken.objects.get().last_used_at == LATER + timedelta(seconds=60)


def test_the_secret_is_shown_once_and_kept_nowhere(world: World) -> None:
    payload = {"name": "x", "scopes": ["customers.read"]}
    context = world.context(world.rep, key="k")
    first, again = (run("tokens.create", context, payload) for _n in range(2))
    secret = first.result["secret"]
    assert secret.startswith("zk_")
    assert again.replayed
    assert again.result["secret"] == ""
    kept = [
        *IdempotencyKey.objects.values_list("answer", flat=True),
        *Fact.objects.values_list("body", flat=True),
    ]
    kept += list(ApiToken.objects.values_list("digest", "prefix"))
    assert all(secret not in str(value) for value in kept)


@pytest.mark.parametrize(
    "scopes", [["staff.manage"], ["*"], ["customers.read", "customers.*"], ["[a-z]*.read"], []]
)
def test_no_scope_goes_beyond_the_user(world: World, scopes: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        run("tokens.create", world.context(world.rep), {"name": "x", "scopes": scopes})
    assert next(iter(refused.value.fields)).startswith("scopes")
    assert not ApiToken.objects.exists()


def test_a_token_makes_no_wider_token(world: World) -> None:
    token = make(world, world.rep, "customers.read", "tokens.create")
    context = Context(actor_of_token(token.secret, NOW), NOW)
    assert api_tokens.create(context, "narrow", ["customers.read"]).secret
    with pytest.raises(Invalid):
        api_tokens.create(context, "wide", ["customers.create"])
    plain = Context(actor_of_token(make(world, world.rep, "customers.read").secret, NOW), NOW)
    with pytest.raises(NotAllowed):
        api_tokens.create(plain, "any", ["customers.read"])


def test_dead_tokens_do_not_act(world: World) -> None:
    token = make(world, world.rep, "customers.read", days=1)
    assert actor_of_token(token.secret, NOW + timedelta(hours=23))
    for secret, now in (
        (token.secret, NOW + timedelta(days=1)),
        (token.secret + "x", NOW),
        ("zk_", NOW),
        ("", NOW),
        (ApiToken.objects.get().digest, NOW),
    ):
        with pytest.raises(NotSignedIn):
            actor_of_token(secret, now)


def test_a_revoked_token_is_dead_at_once(world: World) -> None:
    token = make(world, world.rep, "customers.read")
    with pytest.raises(NotFound):
        api_tokens.revoke(world.context(world.colleague), token.id)
    assert actor_of_token(token.secret, NOW)
    api_tokens.revoke(world.context(world.rep), token.id)
    with pytest.raises(NotSignedIn):
        actor_of_token(token.secret, NOW)


def test_tokens_follow_their_user(world: World) -> None:
    token = make(world, world.rep, "customers.create")
    staff_actions.set_roles(world.context(world.admin), world.rep.id, ["auditor"])
    assert not actor_of_token(token.secret, NOW).may("customers.create")
    staff_actions.disable(world.context(world.admin), world.rep.id)
    staff_actions.enable(world.context(world.admin), world.rep.id)
    with pytest.raises(NotSignedIn):
        actor_of_token(token.secret, NOW)


def test_tokens_are_listed_for_their_user_and_for_who_manages_staff(world: World) -> None:
    mine, other = make(world, world.rep, "customers.read"), make(world, world.analyst, "customers.read")
    listed = api_tokens.list_tokens(world.context(world.rep))
    assert [item.id for item in listed] == [mine.id]
    assert listed[0].begins == mine.secret[:11]
    assert {item.id for item in api_tokens.list_tokens(world.context(world.admin))} == {mine.id, other.id}
