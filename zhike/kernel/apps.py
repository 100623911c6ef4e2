"""The kernel as a Django application."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig

# Modules that register resources, actions and queries: known to every process once Django is set up.
_REGISTERING = (
    "staff",
    "staff_search",
    "staff_actions",
    "unit_actions",
    "sharing",
    "views",
    "field_actions",
    "job_doors",
    "whole_lists",
    "audit",
    "verify",
    "trail",
    "own_account",
    "crypto",
    "api_tokens",
    "retention",
    "erasure",
)


class KernelConfig(AppConfig):
    """Shared ground of all rooms."""

    name = "zhike.kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the kernel itself offers."""
        for module in _REGISTERING:
            import_module(f"zhike.kernel.{module}")
