"""Rows that make requests safe to repeat, and counters for human numbers."""

from __future__ import annotations

from django.db import models


class IdempotencyKey(models.Model):
    """The answer given to a request, kept for a day; inserted in the transaction of the effect."""

    actor_id = models.UUIDField()
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    action = models.CharField(max_length=80)
    answer = models.JSONField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_id", "key"], name="idempotency_key_once")]


class Counter(models.Model):
    """The last human number given out in a series. Numbers are taken in blocks; gaps are allowed."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=0)
