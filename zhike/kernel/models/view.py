"""Saved views: a named list of one resource."""

from __future__ import annotations

from django.db import models

from zhike.kernel.ids import uuid7
from zhike.kernel.models.staff import Unit, User


class SavedView(models.Model):
    """Conditions, columns, order and grouping of a list, kept under a name, private or shared with a unit or all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    shared_with_all = models.BooleanField(default=False)
    shared_unit = models.ForeignKey(Unit, models.SET_NULL, null=True, blank=True, related_name="+")
    condition = models.JSONField(null=True, blank=True)
    columns = models.JSONField(default=list)
    sort = models.CharField(max_length=80, blank=True)
    grouping = models.CharField(max_length=80, blank=True)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("position", "name")
        constraints = [
            models.UniqueConstraint(fields=["resource", "owner", "name"], name="view_name_of_owner")
        ]
