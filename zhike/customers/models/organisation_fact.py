"""Facts about organisations in the four groups."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from zhike.customers.models.party import Party
from zhike.customers.models.rules import one_of
from zhike.customers.types.words import FactGroup, Source
from zhike.kernel.ids import uuid7


class OrganisationFact(models.Model):
    """One fact with where and when it is from; an older one stays, with the moment it was replaced."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey(Party, models.CASCADE, related_name="organisation_facts")
    group = models.CharField(max_length=12, choices=FactGroup.choices)
    key = models.CharField(max_length=40)
    value = models.CharField(max_length=1000)
    source = models.CharField(max_length=20, choices=Source.choices)
    as_of_date = models.DateField()
    created_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party", "key"], name="organisation_fact_once", condition=Q(replaced_at__isnull=True)
            ),
            one_of("organisation_fact", "group", FactGroup),
            one_of("organisation_fact", "source", Source),
        ]
