"""A resource of its own for tests of the kernel: tables made beside those of the rooms, with a field of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from django.db import connection, models

from zhike.kernel import fields as declared
from zhike.kernel.fields import Choice, Field, Kind, Relation, Resource, register_resource
from zhike.kernel.ids import uuid7
from zhike.kernel.rights import FieldRight, Rights, RowRight, RowScope


class Thing(models.Model):
    """One record with a value of every kind."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    name = models.CharField(max_length=200, default="")
    note = models.TextField(null=True)
    amount = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    price = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    day = models.DateField(null=True)
    at = models.DateTimeField(null=True)
    good = models.BooleanField(null=True)
    colour = models.CharField(max_length=20, null=True)
    tags = models.JSONField(null=True)
    phone = models.CharField(max_length=40, null=True)
    email = models.CharField(max_length=80, null=True)
    page = models.CharField(max_length=80, null=True)
    friend_id = models.UUIDField(null=True)
    custom = models.JSONField(default=dict)
    owner_id = models.UUIDField(null=True)
    unit_id = models.UUIDField(null=True)
    binned = models.BooleanField(default=False)

    objects: ClassVar[models.Manager[Thing]] = models.Manager()

    class Meta:
        app_label = "things"


class Part(models.Model):
    """A record related to a thing."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    thing = models.ForeignKey(Thing, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, null=True)
    size = models.DecimalField(max_digits=18, decimal_places=2, null=True)

    objects: ClassVar[models.Manager[Part]] = models.Manager()

    class Meta:
        app_label = "things"


COLOURS = (Choice("red", "红"), Choice("green", "绿"), Choice("re", "热"))
_KINDS = {
    "name": Kind.TEXT, "note": Kind.LONG_TEXT, "amount": Kind.NUMBER, "price": Kind.MONEY, "day": Kind.DATE,
    "at": Kind.MOMENT, "good": Kind.YES_NO, "colour": Kind.CHOICE, "tags": Kind.CHOICES, "phone": Kind.PHONE,
    "email": Kind.EMAIL, "page": Kind.LINK,
}  # fmt: skip
FIELDS = {
    name: Field(
        name, name.title(), kind, name, column=name, sortable=True, nullable=name != "name",
        choices=COLOURS if kind in (Kind.CHOICE, Kind.CHOICES) else (),
    )
    for name, kind in _KINDS.items()
}  # fmt: skip
FIELDS["friend"] = Field(
    "friend", "Friend", Kind.REFERENCE, "friend_id", column="friend_id", reference="things"
)
PARTS = Relation(
    name="parts",
    label="Parts",
    model=Part,
    key="thing_id",
    table="parts",
    fields={
        "kind": Field("kind", "Kind", Kind.TEXT, "kind", column="kind"),
        "size": Field("size", "Size", Kind.NUMBER, "size", column="size"),
    },
)
THINGS = Resource(
    name="things",
    label="Things",
    model=Thing,
    fields=FIELDS,
    read="things.read",
    relations={"parts": PARTS},
    live={"binned": False},
    default_sort="name",
    default_columns=("name", "amount"),
    subtitle=("phone", "email"),
    page_url="/things/{id}/",
)


@pytest.fixture(scope="session")
def thing_tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The two tables, in the test database for the whole run."""
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Thing)
            editor.create_model(Part)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Part)
            editor.delete_model(Thing)


@pytest.fixture
def things(thing_tables: None, db: None) -> Iterator[Resource]:
    """The resource of things, known to the kernel for the length of one test."""
    register_resource(THINGS)
    yield THINGS
    declared._resources.pop("things", None)


def rights(
    read: RowScope = RowScope.ALL, *, actions: tuple[str, ...] = ("things.*",), **fields: FieldRight
) -> Rights:
    """Rights over things: rows as told, every field writable except as told."""
    return Rights(
        frozenset(actions),
        {"things": RowRight(read, read)},
        {"things": {"*": FieldRight.WRITE, **fields}, "*": {"*": FieldRight.WRITE}},
    )


def with_custom(*fields: Field) -> Resource:
    """The resource of things with user-defined fields given straight."""
    return replace(THINGS, custom_fields=lambda: {field.name: field for field in fields})
