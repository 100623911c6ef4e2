"""Documents that prove a party's identity, and how often their numbers were looked at."""

from __future__ import annotations

from django.db import models

from zhike.customers.models.party import Party
from zhike.customers.models.rules import half_open, one_of
from zhike.customers.types.words import CertificateType
from zhike.kernel.ids import uuid7


class Certificate(models.Model):
    """One document. The number is kept encrypted; `lookup` is its keyed hash, `masked` what screens show."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey(Party, models.CASCADE, related_name="certificates", db_index=False)
    type = models.CharField(max_length=20, choices=CertificateType.choices)
    sealed_number = models.TextField()
    lookup = models.CharField(max_length=64)
    masked = models.CharField(max_length=40)
    issuer = models.CharField(max_length=120, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party", "lookup"], name="certificate_once"),
            one_of("certificate", "type", CertificateType),
            half_open("certificate"),
        ]
        indexes = [models.Index(fields=["lookup"], name="certificate_lookup")]


class RevealQuota(models.Model):
    """How many masked values one person had shown on one day."""

    id = models.BigAutoField(primary_key=True)
    actor_id = models.UUIDField()
    day_date = models.DateField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_id", "day_date"], name="reveal_quota_once")]
