"""The Django application of this part."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers what stands in this folder."""

    name = "zhike.customers"

    def ready(self) -> None:
        """Make the resource, the actions, the queries and the search entries known."""
        for door in ("queries", "actions", "searching", "retention"):
            import_module(f"{self.name}.{door}")
