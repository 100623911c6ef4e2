"""Encryption of single values at rest, keyed hashes to find them by, and the change of keys.

An encrypted value is text: `k2:` (the key) and the base64 of nonce and AES-256-GCM ciphertext. What it belongs to (the
`purpose`, such as `customers.certificate`) is authenticated with it, so that it cannot be moved elsewhere.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.config.home import add_field_key, installation_secrets
from zhike.kernel.actions import action
from zhike.kernel.actor import SYSTEM_ID, Context
from zhike.kernel.events import News, announce
from zhike.kernel.jobs import Run, enqueue, job

_NONCE = 12
_CHUNK = 500


class Unreadable(Exception):
    """A value that is damaged, moved from elsewhere, or encrypted with a key this installation has not."""


def _key(name: str) -> bytes:
    """The key of that name; another process may have made it a moment ago."""
    keys = dict(installation_secrets().field_keys)
    if name not in keys:
        installation_secrets.cache_clear()
        keys = dict(installation_secrets().field_keys)
    if name not in keys:
        raise Unreadable(f"no key {name}")
    return bytes.fromhex(keys[name])


def encrypt(text: str, purpose: str = "") -> str:
    """The text under the newest key. Twice the same text gives two different values."""
    name, key = installation_secrets().field_keys[0]
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(bytes.fromhex(key)).encrypt(nonce, text.encode(), f"{name}|{purpose}".encode())
    return f"{name}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(value: str, purpose: str = "") -> str:
    """The text of an encrypted value. Raises Unreadable when it is not what was encrypted for this purpose."""
    name, colon, coded = value.partition(":")
    if not colon:
        raise Unreadable("not an encrypted value")
    key = _key(name)
    try:
        raw = base64.b64decode(coded, altchars=b"-_", validate=True)
        plain = AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], f"{name}|{purpose}".encode())
    except (InvalidTag, ValueError):
        raise Unreadable("damaged, or not encrypted for this") from None
    return plain.decode()


def lookup_hash(kind: str, normalised: str) -> str:
    """A keyed hash by which an encrypted value is found exactly: same kind and text, same 64 hex digits."""
    key = bytes.fromhex(installation_secrets().lookup)
    return hmac.digest(key, f"{kind}\x1f{normalised}".encode(), "sha256").hex()


@dataclass(frozen=True, slots=True)
class EncryptedColumn:
    """A column of encrypted values (empty text for none), for the change of keys; with `key`, a column of JSON objects
    that hold the value under it."""

    model: type[Model]
    field: str
    purpose: str
    key: str = ""

    @property
    def path(self) -> str:
        """Where the value is, as Django says it."""
        return f"{self.field}__{self.key}" if self.key else self.field

    def outdated(self, current: str) -> QuerySet[Any]:
        """The rows with a value under another key than the one of this prefix."""
        rows = self.model._default_manager.exclude(**{f"{self.field}__isnull": True}).exclude(
            **{self.path: ""}
        )
        rows = rows.filter(**{f"{self.field}__has_key": self.key}) if self.key else rows
        return rows.exclude(**{f"{self.path}__startswith": current})


_columns: dict[str, EncryptedColumn] = {}


def register_encrypted(model: type[Model], field: str, purpose: str, *, key: str = "") -> None:
    """Make a column of encrypted values known, so that a change of keys reaches it; `key` as in EncryptedColumn."""
    column = EncryptedColumn(model, field, purpose, key)
    _columns[f"{model._meta.label}.{column.path}"] = column


@action("crypto.rotate", label=_("Change the encryption key"), danger=True)
def rotate(context: Context) -> UUID:
    """Make a new key and encrypt everything anew in the background. Returns the job; old keys stay for backups."""
    name = add_field_key()
    announce(context, News("crypto.key_added", "crypto", SYSTEM_ID, name))
    return enqueue(context, "crypto.rotate", {"key": name})


def _renew(column: EncryptedColumn, ids: list[Any]) -> None:
    """Encrypt the values of some rows under the newest key. The rows are locked: nobody writes another meanwhile."""
    rows = column.model._default_manager.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    for record, kept in list(rows.values_list("pk", column.field)):
        value = kept.get(column.key, "") if column.key else kept
        if value:
            fresh = encrypt(decrypt(value, column.purpose), column.purpose)
            new = {**kept, column.key: fresh} if column.key else fresh
            column.model._default_manager.filter(pk=record).update(**{column.field: new})


@job("crypto.rotate", title=_("Encrypt with the new key"))
def renew_all(run: Run) -> Mapping[str, Any]:
    """Encrypt every registered column anew, five hundred values in a chunk, until none has an old key."""
    installation_secrets.cache_clear()
    current = f"{installation_secrets().field_keys[0][0]}:"
    old = {name: column.outdated(current) for name, column in sorted(_columns.items())}
    total = run.done + sum(queryset.count() for queryset in old.values())
    for name, queryset in old.items():
        while ids := list(queryset.order_by("pk").values_list("pk", flat=True)[:_CHUNK]):
            with run.chunk():
                _renew(_columns[name], ids)
                run.progress(run.done + len(ids), max(total, run.done + len(ids)))
    return {"values": run.done}
