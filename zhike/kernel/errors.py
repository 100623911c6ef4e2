"""Refusals: what the system says when it will not do a thing. Every door turns these into its own form."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Refusal(Exception):
    """A request that was understood and refused. `message` is shown to the person, in their language."""

    status = 400
    code = "refused"
    title: Text = _("The request was refused")

    def __init__(self, message: Text = "", **details: Any) -> None:
        self.message: Text = message or self.title
        self.details: dict[str, Any] = details
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class Invalid(Refusal):
    """Input that breaks a rule. `fields` maps the field's name to what is wrong with it."""

    status = 422
    code = "invalid"
    title = _("Some fields need attention")

    def __init__(self, fields: Mapping[str, Sequence[Text] | Text], message: Text = "") -> None:
        super().__init__(message)
        self.fields: dict[str, list[Text]] = {
            name: [texts] if isinstance(texts, str | Promise) else list(texts)
            for name, texts in fields.items()
        }

    def __str__(self) -> str:
        wrong = "; ".join(f"{name}: {' '.join(map(str, texts))}" for name, texts in self.fields.items())
        return f"{self.message} ({wrong})"


class NotFound(Refusal):
    """No such record, or none that this actor may see: the two are told apart by nobody."""

    status = 404
    code = "not_found"
    title = _("Not found, or not yours to see")


class NotAllowed(Refusal):
    """The actor may not do this at all."""

    status = 403
    code = "not_allowed"
    title = _("You do not have the right to do this")


class FieldHidden(NotAllowed):
    """A condition, sort or column names a field that the actor may not read."""

    code = "field_hidden"
    title = _("You may not use this field")


class Conflict(Refusal):
    """Somebody else changed the record meanwhile. `theirs` and `yours` map field → value."""

    status = 409
    code = "conflict"
    title = _("Somebody else changed this record meanwhile")

    def __init__(
        self, *, theirs: Mapping[str, Any], yours: Mapping[str, Any], version: int, message: Text = ""
    ) -> None:
        super().__init__(message, theirs=dict(theirs), yours=dict(yours), version=version)
        self.theirs, self.yours, self.version = dict(theirs), dict(yours), version


class KeyReused(Refusal):
    """The idempotency key was already used with another request."""

    status = 422
    code = "key_reused"
    title = _("This idempotency key belongs to another request")


class InProgress(Refusal):
    """The same request is being carried out right now."""

    status = 409
    code = "in_progress"
    title = _("The same request is being carried out right now")


class LimitReached(Refusal):
    """A quota or rate is used up."""

    status = 429
    code = "limit_reached"
    title = _("The limit is reached; try again later")


class NotSignedIn(Refusal):
    """Nobody is signed in, or the token is unknown, expired or withdrawn."""

    status = 401
    code = "not_signed_in"
    title = _("Please sign in")


class TooLarge(Refusal):
    """What was sent is larger than one request may be."""

    status = 413
    code = "too_large"
    title = _("The request is too large")


class NoRoom(Refusal):
    """The disk is full; nothing was written."""

    status = 507
    code = "disk_full"
    title = _("The disk is full. Nothing was changed; make room and try again.")


_FULL = ("disk is full", "no space left", "could not extend file")


def disk_full(problem: BaseException) -> bool:
    """Whether an error of the disk or the database says that there is no more room."""
    text = str(problem).lower()
    return getattr(problem, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or any(
        sign in text for sign in _FULL
    )
