"""Customers and signed-in clients for the tests of the customer screens."""

from __future__ import annotations

from uuid import UUID

from django.test import Client

from tests.world import World
from zhike.customers.actions import create
from zhike.customers.types import CertificateDraft, PartyKind
from zhike.kernel.models import User

HTMX = {"HX-Request": "true"}


def signed_in(user: User) -> Client:
    """A client of this person, in Chinese."""
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user)
    return client


def make_person(world: World, name: str = "欧阳靖宇", phone: str = "13812345678", **rest: object) -> UUID:
    """A person on file, of the account manager 李明."""
    given = {"owner": world.rep.id, **rest}
    return create(world.context(world.manager), name, phone=phone, **given).id  # type: ignore[arg-type]


def make_firm(world: World) -> UUID:
    """A firm on file with address, certificate, tag and note."""
    return create(
        world.context(world.manager), "上海华腾软件有限公司", PartyKind.ORGANISATION, "021-55558888",
        "info@huateng.com", "上海市浦东新区世纪大道100号", tags=["重点"], note="签约在即", owner=world.rep.id,
        certificates=[CertificateDraft("91310000775785552L", "credit_code")],
    ).id  # fmt: skip
