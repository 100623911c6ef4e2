"""Secrets of second factors: encrypted with the installation's key, and reached by a change of keys."""

from __future__ import annotations

from zhike.kernel.crypto import register_encrypted

PURPOSE = "mfa.secret"


def register() -> None:
    """Make known where they are kept: the secrets of authenticator apps and the seeds of recovery codes."""
    from allauth.mfa.models import Authenticator

    for key in ("secret", "seed"):
        register_encrypted(Authenticator, "data", PURPOSE, key=key)
