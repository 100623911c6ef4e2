"""The parts of the customer page, each with the reader's rights over fields and rows applied."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast

from zhike.customers.models import (
    Address,
    Certificate,
    ContactPoint,
    DuplicatePair,
    ExternalId,
    FileItem,
    Merge,
    Note,
    OrganisationFact,
    Party,
    PartyTag,
    PastValue,
    Relation,
    Role,
    Score,
)
from zhike.customers.resource import CONTACT_MASKS, CONTACT_RIGHTS, CUSTOMERS
from zhike.customers.sniff import INLINE
from zhike.customers.types.cards import (
    AddressView,
    CertificateView,
    ContactView,
    DuplicateView,
    FileView,
    MergeView,
    NoteView,
    OrganisationFactView,
    RelationView,
    ScoreView,
)
from zhike.customers.types.words import KEY_PERSON_TYPES, DuplicateState
from zhike.kernel.actor import Context
from zhike.kernel.masks import mask_general, mask_name, mask_phone
from zhike.kernel.rights import FieldRight
from zhike.kernel.rows import visible

MOST_NOTES, MOST_FILES, MOST_RELATIONS, MOST_PAIRS = 50, 100, 200, 20


def right(context: Context, name: str) -> FieldRight:
    """The reader's right on a line of roles.yaml."""
    return context.actor.rights.field(CUSTOMERS.name, name)


def shown_name(context: Context, name: str) -> str:
    """A name as the reader may see it."""
    seen = right(context, "name")
    if seen == FieldRight.MASKED:
        return mask_name(name) or ""
    return name if seen else ""


_TEXT, _NO_FIGURE = CharField(), Cast(Value(None), FloatField())
_NO_MOMENT, _NO_DAY = Cast(Value(None), DateTimeField()), Cast(Value(None), DateField())


def _rows(rows: QuerySet[Any], what: str, one: Any, two: Any = None, **more: Any) -> QuerySet[Any, Any]:
    parts = {
        "what": Value(what, output_field=_TEXT),
        "one": Cast(one, CharField(max_length=200)),
        "two": Cast(two if two is not None else Value(""), CharField(max_length=200)),
        "figure": more.get("figure", _NO_FIGURE),
        "since": more.get("since", _NO_MOMENT),
        "until": more.get("until", _NO_MOMENT),
        "day": more.get("day", _NO_DAY),
    }
    named: QuerySet[Any, Any] = rows.annotate(**{f"part_{name}": value for name, value in parts.items()})
    return named.values_list(*(f"part_{name}" for name in parts))


def small_parts(party: Party) -> dict[str, list[Any]]:
    """Roles, tags, ids in other systems, scores and past values in one statement."""
    mine = {"party": party}
    tables = [
        _rows(PartyTag.objects.filter(**mine), "tags", F("tag__name")),
        _rows(ExternalId.objects.filter(**mine), "external_ids", F("source"), F("value")),
        _rows(Score.objects.filter(**mine), "scores", F("name"), F("label"), figure=F("value"), day=F("as_of_date")),
        _rows(PastValue.objects.filter(**mine), "past", F("aspect"), F("value"), since=F("since"), until=F("until")),
    ]  # fmt: skip
    found: dict[str, list[Any]] = {"roles": [], "tags": [], "external_ids": [], "scores": [], "past": []}
    roles = _rows(Role.objects.filter(**mine), "roles", F("name"))
    for what, one, two, figure, since, until, day in roles.union(*tables, all=True):
        if what == "scores":
            found[what].append(ScoreView(one, figure, two, day))
        elif what == "past":
            found[what].append((one, two, since, until))
        else:
            found[what].append((one, two) if what == "external_ids" else one)
    for names in ("roles", "tags", "external_ids"):
        found[names].sort()
    found["scores"].sort(key=lambda score: score.name)
    return found


def contact_views(context: Context, rows: list[ContactPoint]) -> tuple[ContactView, ...]:
    """Contact points under the right on their kind."""
    views = []
    for row in rows:
        governing = CONTACT_RIGHTS[row.kind]
        seen = right(context, governing)
        if seen == FieldRight.HIDDEN:
            continue
        masked = seen == FieldRight.MASKED
        value = (CONTACT_MASKS[governing](row.normalised) or "") if masked else row.value
        views.append(
            ContactView(
                row.pk, row.kind, row.purpose, value, row.consent, row.consent_at, row.consent_source,
                row.is_primary, row.valid_from, row.valid_until, masked,
            )
        )  # fmt: skip
    return tuple(views)


def address_views(context: Context, rows: list[Address]) -> tuple[AddressView, ...]:
    """Addresses; masked, province and city are left."""
    seen = right(context, "address")
    if seen == FieldRight.HIDDEN:
        return ()
    masked = seen == FieldRight.MASKED
    return tuple(
        AddressView(
            row.pk, row.purpose, (mask_general(row.text) or "") if masked else row.text, row.province, row.city,
            "" if masked else row.district, "" if masked else row.street, "" if masked else row.postcode,
            row.is_primary, row.valid_from, row.valid_until, masked,
        )
        for row in rows
    )  # fmt: skip


def certificate_views(context: Context, rows: list[Certificate]) -> tuple[CertificateView, ...]:
    """Certificates, always masked."""
    if right(context, "certificate") == FieldRight.HIDDEN:
        return ()
    return tuple(
        CertificateView(row.pk, row.type, row.masked, row.issuer, row.valid_from, row.valid_until)
        for row in rows
    )


def notes(context: Context, party: Party) -> tuple[NoteView, ...]:
    """The pinned notes and the newest ones; masked, only that there are some."""
    seen = right(context, "note")
    if seen == FieldRight.HIDDEN:
        return ()
    rows = Note.objects.filter(party=party).order_by("-pinned", "-created_at", "-id")[:MOST_NOTES]
    return tuple(
        NoteView(
            row.pk, row.text if seen >= FieldRight.READ else mask_general(row.text) or "", row.pinned,
            row.author_id, row.author_name, row.created_at, row.changed_at, row.version,
        )
        for row in rows
    )  # fmt: skip


def files(context: Context, party: Party) -> tuple[FileView, ...]:
    """The newest files."""
    if right(context, "file") < FieldRight.READ:
        return ()
    rows = FileItem.objects.filter(party=party).order_by("-created_at", "-id")[:MOST_FILES]
    return tuple(
        FileView(
            row.pk, row.name, row.content_type, row.size, row.author_name, row.created_at,
            row.content_type in INLINE,
        )
        for row in rows
    )  # fmt: skip


def organisation_facts(context: Context, party: Party) -> tuple[OrganisationFactView, ...]:
    """The facts about an organisation that hold now."""
    if party.kind != "organisation" or right(context, "organisation") < FieldRight.READ:
        return ()
    rows = OrganisationFact.objects.filter(party=party, replaced_at=None).order_by("group", "key")
    return tuple(
        OrganisationFactView(row.group, row.key, row.value, row.source, row.as_of_date, row.created_at)
        for row in rows
    )


def relations(context: Context, party: Party) -> tuple[RelationView, ...]:
    """Relations with those who are still on file; others that the reader may not see stay unnamed."""
    if right(context, "relation") < FieldRight.READ:
        return ()
    mine = visible(context.actor, CUSTOMERS)
    rows = (
        Relation.objects.filter(Q(source=party) | Q(target=party))
        .filter(
            source__deleted_at=None,
            source__merged_into=None,
            target__deleted_at=None,
            target__merged_into=None,
        )
        .annotate(
            source_seen=Exists(mine.filter(pk=OuterRef("source_id"))),
            target_seen=Exists(mine.filter(pk=OuterRef("target_id"))),
        )
        .select_related("source", "target")
        .order_by("type", "created_at", "id")[:MOST_RELATIONS]
    )
    return tuple(_relation_view(context, party, row) for row in rows)


def _relation_view(context: Context, party: Party, row: Any) -> RelationView:
    is_source = row.source_id == party.pk
    other, seen = (row.target, row.target_seen) if is_source else (row.source, row.source_seen)
    return RelationView(
        row.pk, row.type, is_source, other.pk if seen else None, other.number if seen else "",
        shown_name(context, other.name) if seen else "", other.kind if seen else "",
        row.title if seen else "", row.note if seen else "", row.manage_grade, row.valid_from, row.valid_until,
        row.type in KEY_PERSON_TYPES and not is_source,
    )  # fmt: skip


def duplicates(context: Context, party: Party) -> tuple[DuplicateView, ...]:
    """Open pairs of the customer, the likeliest first."""
    if not context.actor.may("customers.duplicates"):
        return ()
    mine = visible(context.actor, CUSTOMERS)
    rows = (
        DuplicatePair.objects.filter(Q(left=party) | Q(right=party), state=DuplicateState.OPEN.value)
        .filter(left__deleted_at=None, left__merged_into=None, right__deleted_at=None, right__merged_into=None)
        .annotate(left_seen=Exists(mine.filter(pk=OuterRef("left_id"))),
                  right_seen=Exists(mine.filter(pk=OuterRef("right_id"))))
        .select_related("left", "right")
        .order_by("-probability", "id")[:MOST_PAIRS]
    )  # fmt: skip
    return tuple(_duplicate_view(context, party, row) for row in rows)


def _duplicate_view(context: Context, party: Party, row: Any) -> DuplicateView:
    other, seen = (row.right, row.right_seen) if row.left_id == party.pk else (row.left, row.left_seen)
    return duplicate_view(context, other if seen else None, row.probability, row.reasons)


def duplicate_view(
    context: Context, other: Party | None, probability: float, reasons: list[dict[str, Any]]
) -> DuplicateView:
    """Somebody who may be the same customer, under the reader's rights; None for one the reader may not see."""
    if other is None:
        return DuplicateView(None, "", "", "", "", probability, ())
    seen = right(context, "phone")
    phone = mask_phone(other.primary_phone) or "" if seen == FieldRight.MASKED else other.primary_phone
    shown = [each for each in reasons if right(context, _GOVERNING.get(each["field"], each["field"]))]
    city = other.city if right(context, "city") >= FieldRight.READ else ""
    return DuplicateView(
        other.pk,
        other.number,
        shown_name(context, other.name),
        phone if seen else "",
        city,
        probability,
        tuple(shown),
    )


_GOVERNING = {"birth_date": "birthday"}


def merges(context: Context, party: Party) -> tuple[MergeView, ...]:
    """Merges into this customer that can be taken back, the newest first."""
    if not context.actor.may("customers.merge"):
        return ()
    rows = Merge.objects.filter(survivor=party, undone_at=None, absorbed__merged_into=party)
    rows = rows.select_related("absorbed").order_by("-merged_at", "-id")
    return tuple(
        MergeView(row.pk, row.absorbed_id, row.absorbed.number, row.merged_at, row.merged_by_name)
        for row in rows
    )
