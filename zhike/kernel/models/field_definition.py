"""Fields that the users of an installation define for themselves."""

from __future__ import annotations

from django.db import models

from zhike.kernel.ids import uuid7


class FieldDefinition(models.Model):
    """One user-defined field of a resource. Values live in the record's `custom` JSON under `key`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.CharField(max_length=40)
    key = models.SlugField(max_length=40)
    kind = models.CharField(max_length=12)
    label_zh = models.CharField(max_length=80)
    label_en = models.CharField(max_length=80, blank=True)
    help_zh = models.CharField(max_length=300, blank=True)
    help_en = models.CharField(max_length=300, blank=True)
    section = models.CharField(max_length=80, blank=True)
    position = models.PositiveIntegerField(default=0)
    required = models.BooleanField(default=False)
    unique = models.BooleanField(default=False)
    pattern = models.CharField(max_length=300, blank=True)
    minimum = models.CharField(max_length=40, blank=True)
    maximum = models.CharField(max_length=40, blank=True)
    default = models.JSONField(null=True, blank=True)
    choices = models.JSONField(default=list, blank=True)
    reference = models.CharField(max_length=40, blank=True)
    shown_if = models.JSONField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("resource", "position", "key")
        constraints = [models.UniqueConstraint(fields=["resource", "key"], name="field_key_in_resource")]


class UniqueValue(models.Model):
    """Keeps the values of unique user-defined fields unique in the database, not only in the program."""

    definition = models.ForeignKey(FieldDefinition, models.CASCADE, related_name="+")
    value_hash = models.CharField(max_length=64)
    record_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["definition", "value_hash"], name="unique_custom_value"),
            models.UniqueConstraint(fields=["definition", "record_id"], name="one_custom_value_per_record"),
        ]
