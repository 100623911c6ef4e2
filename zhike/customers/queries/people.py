"""Key persons and the web of relations around a customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.customers.models import Party, Relation
from zhike.customers.queries.parts import relations as relations_of
from zhike.customers.queries.parts import right, shown_name
from zhike.customers.records import see_party
from zhike.customers.resource import CUSTOMERS
from zhike.customers.types.cards import RelationView
from zhike.kernel.actions import about, query
from zhike.kernel.actor import Context
from zhike.kernel.rights import FieldRight
from zhike.kernel.rows import visible

Customer = Annotated[UUID, about(gettext_lazy("Customer"))]
MOST_NODES = 200
_MOST_RELATIONS = 4 * MOST_NODES
_Row = tuple[UUID, UUID, UUID, str, str, str]


@dataclass(frozen=True, slots=True)
class Node:
    """A customer in the web of relations; `distance` counts steps from the one asked about."""

    id: UUID
    number: str
    name: str
    kind: str
    distance: int


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` is `type` of `target`."""

    id: UUID
    source: UUID
    target: UUID
    type: str
    title: str
    manage_grade: str


@dataclass(frozen=True, slots=True)
class RelationGraph:
    """The visible customers around one, and what they are to each other."""

    nodes: list[Node]
    edges: list[Edge]


@query(
    "customers.key_persons",
    resource="customers",
    label=gettext_lazy("Key persons"),
    permission="customers.read",
)
def key_persons(context: Context, customer: Customer) -> list[RelationView]:
    """Deciders, initiators, users, influencers, gatekeepers, buyers and contact persons of a customer."""
    return [each for each in relations_of(context, see_party(context, customer)) if each.is_key_person]


@query(
    "customers.relation_graph",
    resource="customers",
    label=gettext_lazy("Relations"),
    permission="customers.read",
)
def relation_graph(
    context: Context,
    customer: Customer,
    depth: Annotated[int, Bound(ge=1, le=3), about(gettext_lazy("Steps"))] = 2,
) -> RelationGraph:
    """Who is related to a customer, step by step; two hundred at most, only those the reader may see."""
    party = see_party(context, customer)
    nodes = {party.pk: Node(party.pk, party.number, shown_name(context, party.name), party.kind, 0)}
    edges: dict[UUID, Edge] = {}
    level = [party.pk]
    if right(context, "relation") < FieldRight.READ:
        return RelationGraph(list(nodes.values()), [])
    for distance in range(1, depth + 1):
        found = _relations_seen(context, level)
        fresh = {end for row in found for end in row[1:3]} - set(nodes)
        ends = Party.objects.filter(pk__in=fresh).order_by("pk")
        for pk, number, name, kind in ends.values_list("pk", "number", "name", "kind")[
            : MOST_NODES - len(nodes)
        ]:
            nodes[pk] = Node(pk, number, shown_name(context, name), kind, distance)
        edges |= {row[0]: Edge(*row) for row in found if row[1] in nodes and row[2] in nodes}
        level = [pk for pk in fresh if pk in nodes]
        if not level:
            break
    return RelationGraph(list(nodes.values()), list(edges.values()))


def _relations_seen(context: Context, parties: list[UUID]) -> list[_Row]:
    """Relations of these parties whose two ends the reader may see. What is hidden goes before the cut is made."""
    seen = visible(context.actor, CUSTOMERS)
    rows = Relation.objects.filter(
        Q(source__in=parties) | Q(target__in=parties),
        Exists(seen.filter(pk=OuterRef("source_id"))),
        Exists(seen.filter(pk=OuterRef("target_id"))),
    )
    columns = ("id", "source_id", "target_id", "type", "title", "manage_grade")
    return list(rows.order_by("id").values_list(*columns)[:_MOST_RELATIONS])
