"""What the company decided about its scores."""

from __future__ import annotations

from django.db import models


class Policy(models.Model):
    """One set of decisions as JSON, checked by whoever reads it."""

    name = models.CharField(max_length=40, primary_key=True)
    body = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()
