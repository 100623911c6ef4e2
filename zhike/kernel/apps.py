"""The kernel as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Shared ground of all rooms."""

    name = "zhike.kernel"
    default_auto_field = "django.db.models.BigAutoField"
