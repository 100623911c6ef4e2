"""Scores that insight wrote back."""

from __future__ import annotations

from django.db import models

from zhike.customers.models.party import Party


class Score(models.Model):
    """One score of one party: a figure, a word, or both."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, models.CASCADE, related_name="scores", db_index=False)
    name = models.CharField(max_length=40)
    value = models.FloatField(null=True, blank=True)
    label = models.CharField(max_length=40, blank=True)
    as_of_date = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "name"], name="score_once")]
        indexes = [
            models.Index(fields=["name", "value", "party"], name="score_value"),
            models.Index(
                fields=["name", "label", "party"], name="score_label", condition=~models.Q(label="")
            ),
        ]
