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


_fields = {
    field.attname: field for field in IdempotencyKey._meta.local_concrete_fields if not field.primary_key
}
_TABLE = IdempotencyKey._meta.db_table
# Both are part of every write of a program: written out, as building them took longer than running them.
_INSERT = (
    f"INSERT INTO {_TABLE} ({', '.join(str(field.column) for field in _fields.values())}) "  # noqa: S608
    f"VALUES ({', '.join(['%s'] * len(_fields))}) ON CONFLICT DO NOTHING"
)
_KEEP = f"UPDATE {_TABLE} SET answer = %s WHERE actor_id = %s AND key = %s"  # noqa: S608


def _stored(name: str, value: Any) -> Any:
    return _fields[name].get_db_prep_save(value, connection)


def _insert_unless_there(row: IdempotencyKey) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [_stored(name, getattr(row, name)) for name in _fields])
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
    stored = [_stored("answer", {"result": answer}), _stored("actor_id", context.actor.id), context.key]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, stored)
