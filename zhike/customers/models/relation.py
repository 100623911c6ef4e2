"""Relations between parties."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from zhike.customers.models.party import Party
from zhike.customers.models.rules import half_open, one_of
from zhike.customers.types.words import ManageGrade, RelationType
from zhike.kernel.ids import uuid7


class Relation(models.Model):
    """`source` is `type` of `target` during a half-open period; `title` is e.g. the position held."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(Party, models.CASCADE, related_name="relations_out")
    target = models.ForeignKey(Party, models.CASCADE, related_name="relations_in")
    type = models.CharField(max_length=12, choices=RelationType.choices)
    manage_grade = models.CharField(max_length=12, choices=ManageGrade.choices, blank=True)
    title = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=300, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "target", "type"], name="relation_open_once",
                condition=Q(valid_until__isnull=True),
            ),
            models.CheckConstraint(condition=~Q(source=models.F("target")), name="relation_not_to_itself"),
            models.CheckConstraint(
                condition=Q(manage_grade="") | Q(type=RelationType.BRANCH), name="relation_grade_of_branch"
            ),
            one_of("relation", "type", RelationType),
            one_of("relation", "manage_grade", ManageGrade, optional=True),
            half_open("relation"),
        ]  # fmt: skip
