"""The Django application of this part."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class FeedsConfig(AppConfig):
    """Registers what stands in this folder."""

    name = "zhike.feeds"

    def ready(self) -> None:
        """Make the actions, the queries, the jobs and the commands known."""
        for part in ("imports", "exports"):
            import_module(f"{self.name}.{part}.doors")
        import_module(f"{self.name}.demo.commands")
        for part in ("retention", "forgetting"):
            import_module(f"{self.name}.{part}")
