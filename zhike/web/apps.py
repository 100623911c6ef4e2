"""The Django application of this part."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registers what stands in this folder."""

    name = "zhike.web"

    def ready(self) -> None:
        """Make known which columns of sign-in are encrypted."""
        from zhike.web.signin import secrets

        secrets.register()
