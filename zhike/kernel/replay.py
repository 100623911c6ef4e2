"""Requests that are safe to repeat: the key is inserted with the effect, the answer is kept with the key."""

from __future__ import annotations

from typing import Any

from django.db import connection

from zhike.kernel.actor import Context
from zhike.kernel.errors import InProgress, KeyReused
from zhike.kernel.models import IdempotencyKey


def remember(context: Context, action: str, request_hash: str) -> IdempotencyKey | None:
    """Insert the key of this request, or give the row of the request that was first under it.

    The insert waits for a rival that has not committed yet. It is one statement that cannot fail, so that it needs
    no savepoint.
    """
    row = IdempotencyKey(
        actor_id=context.actor.id, key=context.key or "", request_hash=request_hash, action=action,
        answer={"pending": True}, created_at=context.now,
    )  # fmt: skip
    if _insert_unless_there(row):
        return None
    return IdempotencyKey.objects.get(actor_id=context.actor.id, key=context.key)


def _insert_unless_there(row: IdempotencyKey) -> bool:
    meta = IdempotencyKey._meta
    fields = [field for field in meta.local_concrete_fields if not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    table = connection.ops.quote_name(meta.db_table)
    with connection.cursor() as cursor:
        # Names come from the model, values are bound.
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING", values)  # noqa: S608
        return bool(cursor.rowcount == 1)


def replayed(known: IdempotencyKey, action: str, request_hash: str) -> Any:
    """The answer given before. Raises KeyReused for another request, InProgress while the first is under way."""
    if known.request_hash != request_hash or known.action != action:
        raise KeyReused()
    if "result" not in known.answer:
        raise InProgress()
    return known.answer["result"]


def keep(context: Context, answer: Any) -> None:
    """Keep the answer under the request's key."""
    IdempotencyKey.objects.filter(actor_id=context.actor.id, key=context.key).update(
        answer={"result": answer}
    )
