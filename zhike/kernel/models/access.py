"""Access beyond roles: shared records and API tokens."""

from __future__ import annotations

from django.db import models

from zhike.kernel.ids import uuid7
from zhike.kernel.models.staff import User


class Share(models.Model):
    """One record shared with a person or with a unit (and all below it)."""

    resource = models.CharField(max_length=40)
    record_id = models.UUIDField()
    grantee_id = models.UUIDField()
    may_write = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grantee_id", "resource", "record_id"], name="share_once"),
        ]
        indexes = [models.Index(fields=["resource", "record_id"], name="share_of_record")]


class ApiToken(models.Model):
    """A token of a user for programs: only its hash is kept, its scopes narrow the user's rights."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
