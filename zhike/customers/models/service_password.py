"""The service password: proves the right to act for a customer by phone or portal."""

from __future__ import annotations

from django.db import models

from zhike.customers.models.party import Party


class ServicePassword(models.Model):
    """Only the hash is kept. Too many wrong tries lock it until `locked_until_at`."""

    party = models.OneToOneField(Party, models.CASCADE, primary_key=True, related_name="service_password")
    hash = models.CharField(max_length=200)
    set_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until_at = models.DateTimeField(null=True, blank=True)
