"""What other systems call a party."""

from __future__ import annotations

from django.db import models

from zhike.customers.models.party import Party


class ExternalId(models.Model):
    """The key of a party in a source of data (`shop`, `online-retail`)."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, models.CASCADE, related_name="external_ids")
    source = models.CharField(max_length=60)
    value = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "value"], name="external_id_once"),
            models.CheckConstraint(condition=~models.Q(value=""), name="external_id_present"),
        ]
