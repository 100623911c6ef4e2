"""Addresses of a party."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from zhike.customers.models.party import Party
from zhike.customers.models.rules import half_open, one_of
from zhike.customers.types.words import AddressPurpose
from zhike.kernel.ids import uuid7


class Address(models.Model):
    """An address as written in `text`, with the parts found in it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey(Party, models.CASCADE, related_name="addresses")
    purpose = models.CharField(max_length=12, choices=AddressPurpose.choices)
    text = models.CharField(max_length=300)
    country = models.CharField(max_length=2, blank=True)
    province = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=40, blank=True)
    district = models.CharField(max_length=40, blank=True)
    street = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=12, blank=True)
    is_primary = models.BooleanField(default=False)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party"], name="one_primary_address", condition=Q(is_primary=True)
            ),
            one_of("address", "purpose", AddressPurpose),
            half_open("address"),
        ]
