"""Facts: what happened. Written with the change itself; sealed into positions and blocks by a job."""

from __future__ import annotations

from django.db import models

from zhike.kernel.ids import uuid7


class Fact(models.Model):
    """One thing that happened to one record.

    `body` is canonical JSON text ({"changes": {field: [old, new]}, "data": …, "reason": …}) and is kept as text so
    that `mac` covers the very bytes. `position` is null until the sealer has put the fact in line.
    """

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid7, unique=True)
    kind = models.CharField(max_length=80)
    resource = models.CharField(max_length=40)
    record_id = models.UUIDField()
    title = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=120)
    channel = models.CharField(max_length=20)
    request_id = models.UUIDField()
    body = models.TextField()
    mac = models.CharField(max_length=64)
    position = models.BigIntegerField(null=True, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["resource", "record_id", "-id"], name="fact_of_record"),
            models.Index(fields=["id"], name="fact_unsealed", condition=models.Q(position__isnull=True)),
            models.Index(fields=["actor_id", "-id"], name="fact_of_actor"),
        ]


class Redaction(models.Model):
    """That the content of a fact was erased: `by` is the uid of the fact that says who did it and why.

    `mac` is keyed and covers what is left of the fact, its first mac and `by`, so that nobody without the key of this
    installation can pass a changed fact off as an erased one.
    """

    fact = models.OneToOneField(Fact, models.CASCADE, primary_key=True, related_name="+")
    by = models.UUIDField()
    mac = models.CharField(max_length=64)


class Block(models.Model):
    """A run of sealed facts. `digest` covers the block before and the macs of its facts in order."""

    number = models.BigIntegerField(primary_key=True)
    first_position = models.BigIntegerField()
    last_position = models.BigIntegerField()
    previous_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()


class Cursor(models.Model):
    """How far one subscriber has read the stream of facts."""

    name = models.CharField(max_length=80, primary_key=True)
    position = models.BigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
