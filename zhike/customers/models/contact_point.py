"""Ways to reach a party."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from zhike.customers.models.party import Party
from zhike.customers.models.rules import half_open, one_of
from zhike.customers.types.words import Consent, ContactKind, ContactPurpose
from zhike.kernel.ids import uuid7


class ContactPoint(models.Model):
    """A phone, e-mail or social id. `value` is as written, `normalised` is what equals are found by
    (E.164 for phones, lower case for e-mails)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey(Party, models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=12, choices=ContactKind.choices)
    purpose = models.CharField(max_length=12, choices=ContactPurpose.choices)
    value = models.CharField(max_length=254)
    normalised = models.CharField(max_length=254)
    consent = models.CharField(max_length=12, choices=Consent.choices, default=Consent.UNKNOWN)
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_source = models.CharField(max_length=200, blank=True)
    is_primary = models.BooleanField(default=False)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party", "kind"], name="one_primary_contact", condition=Q(is_primary=True)
            ),
            one_of("contact", "kind", ContactKind),
            one_of("contact", "purpose", ContactPurpose),
            one_of("contact", "consent", Consent),
            half_open("contact"),
        ]
        indexes = [models.Index(fields=["normalised", "kind"], name="contact_normalised")]
