"""Pairs that may be one customer, and merges with what is needed to take them back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from zhike.customers.models.party import Party
from zhike.customers.models.rules import one_of
from zhike.customers.types.words import DuplicateState
from zhike.kernel.ids import uuid7


class DuplicatePair(models.Model):
    """Two parties that may be one, with the reasons. `left` has the smaller id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    left = models.ForeignKey(Party, models.CASCADE, related_name="+", db_index=False)
    right = models.ForeignKey(Party, models.CASCADE, related_name="+")
    probability = models.FloatField()
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=14, choices=DuplicateState.choices, default=DuplicateState.OPEN)
    found_at = models.DateTimeField()
    decided_by_id = models.UUIDField(null=True, blank=True)
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="duplicate_pair_ordered"),
            one_of("duplicate", "state", DuplicateState),
        ]
        indexes = [
            models.Index(fields=["probability", "id"], name="duplicate_open", condition=Q(state="open"))
        ]


class DuplicateRun(models.Model):
    """One run of the finder over all records, with the weights it learnt for the scoring of single records."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    found_at = models.DateTimeField()
    records = models.BigIntegerField()
    compared = models.BigIntegerField()
    pairs = models.BigIntegerField()
    model = models.TextField()


class Merge(models.Model):
    """One merge: `absorbed` went into `survivor`. `snapshot` holds what taking it back needs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    survivor = models.ForeignKey(Party, models.CASCADE, related_name="merges")
    absorbed = models.ForeignKey(Party, models.CASCADE, related_name="+")
    snapshot = models.JSONField()
    merged_at = models.DateTimeField()
    merged_by_id = models.UUIDField()
    merged_by_name = models.CharField(max_length=120)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by_id = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["absorbed"], name="merged_once", condition=Q(undone_at__isnull=True)
            ),
        ]
