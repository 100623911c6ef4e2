"""The party: a person or an organisation, the roles it plays, and what it was before."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from zhike.customers.models.rules import half_open, one_of
from zhike.customers.types.words import (
    Aspect,
    Bond,
    CustomerType,
    Gender,
    Grade,
    PartyKind,
    RelationKind,
    RelationStage,
    RoleName,
    Source,
    Stage,
    State,
)
from zhike.kernel.ids import uuid7

# Neither in the recycle bin nor merged into another.
LIVE = Q(deleted_at__isnull=True, merged_into__isnull=True)


class Party(models.Model):
    """One person or organisation.

    `primary_phone` to `district` repeat what the contact points and addresses say, so that lists need one table.
    `sort_name` begins with the pinyin, so that Chinese and foreign names stand in one order.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=PartyKind.choices)
    name = models.CharField(max_length=200)
    name_pinyin = models.CharField(max_length=600)
    name_initials = models.CharField(max_length=200)
    sort_name = models.CharField(max_length=200)
    legal_name = models.CharField(max_length=200, blank=True)
    english_name = models.CharField(max_length=200, blank=True)
    primary_phone = models.CharField(max_length=60, blank=True)
    primary_email = models.CharField(max_length=254, blank=True)
    country = models.CharField(max_length=2, blank=True)
    province = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=40, blank=True)
    district = models.CharField(max_length=40, blank=True)
    owner = models.ForeignKey(
        "kernel.User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    grade = models.CharField(max_length=12, choices=Grade.choices, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.POTENTIAL)
    relation_kind = models.CharField(max_length=20, choices=RelationKind.choices, blank=True)
    type = models.CharField(max_length=20, choices=CustomerType.choices, blank=True)
    bond = models.CharField(max_length=20, choices=Bond.choices, blank=True)
    stage = models.CharField(max_length=12, choices=Stage.choices, blank=True)
    relation_stage = models.CharField(max_length=12, choices=RelationStage.choices, blank=True)
    industry = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=20, choices=Source.choices, blank=True)
    birthday = models.DateField(null=True, blank=True)
    gender = models.CharField(max_length=12, choices=Gender.choices, blank=True)
    quality = models.PositiveSmallIntegerField(default=0)
    custom = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="absorbed", db_index=False
    )
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="party_number_once"),
            one_of("party", "kind", PartyKind),
            one_of("party", "state", State),
            one_of("party", "relation_kind", RelationKind, optional=True),
            one_of("party", "type", CustomerType, optional=True),
            one_of("party", "bond", Bond, optional=True),
            one_of("party", "stage", Stage, optional=True),
            one_of("party", "relation_stage", RelationStage, optional=True),
            one_of("party", "grade", Grade, optional=True),
            one_of("party", "source", Source, optional=True),
            one_of("party", "gender", Gender, optional=True),
            models.CheckConstraint(condition=~Q(name=""), name="party_name_present"),
            models.CheckConstraint(condition=Q(quality__lte=100), name="party_quality_bound"),
            models.CheckConstraint(condition=~Q(merged_into=models.F("id")), name="party_not_into_itself"),
        ]
        indexes = [
            models.Index(fields=["city", "sort_name", "id"], name="party_city", condition=LIVE),
            models.Index(fields=["owner", "sort_name", "id"], name="party_owner", condition=LIVE),
            models.Index(fields=["unit", "sort_name", "id"], name="party_unit", condition=LIVE),
            models.Index(fields=["sort_name", "id"], name="party_name", condition=LIVE),
            models.Index(fields=["created_at", "id"], name="party_created", condition=LIVE),
            models.Index(fields=["updated_at", "id"], name="party_updated", condition=LIVE),
            models.Index(fields=["quality", "id"], name="party_quality", condition=LIVE),
            models.Index(fields=["name_pinyin", "birthday"], name="party_pinyin", condition=LIVE),
            models.Index(
                fields=["deleted_at", "id"], name="party_bin", condition=Q(deleted_at__isnull=False)
            ),
            # Only of those that were merged: of all it would stand in the way, as SQLite takes it for a short way to
            # those that were not.
            models.Index(fields=["merged_into"], name="party_merged", condition=Q(merged_into__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Erasure(models.Model):
    """That the personal data of a party were erased for good. The party stays as a number that others count by."""

    party = models.OneToOneField(Party, models.CASCADE, primary_key=True, related_name="erasure")
    erased_at = models.DateTimeField()


class Role(models.Model):
    """A role that a party plays."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, models.CASCADE, related_name="roles", db_index=False)
    name = models.CharField(max_length=12, choices=RoleName.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party", "name"], name="role_once"),
            one_of("role", "name", RoleName),
        ]


class PastValue(models.Model):
    """What an aspect of a party was during a half-open period that is over.

    The value that holds now is on the party itself, since the end of the last past value (or the creation).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey(Party, models.CASCADE, related_name="past_values")
    aspect = models.CharField(max_length=20, choices=Aspect.choices)
    value = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [one_of("past_value", "aspect", Aspect), half_open("past_value", "since", "until")]
