"""The Django application of this part."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Registers what stands in this folder."""

    name = "zhike.feeds.knowledge"
    label = "knowledge"

    def ready(self) -> None:
        """Make actions, queries, jobs and commands known."""
        for part in (
            "import_actions",
            "insight_actions",
            "insight_queries",
            "policy",
            "jobs",
            "commands",
            "retention",
        ):
            import_module(f"{self.name}.{part}")
