"""The Django application of this part."""

from __future__ import annotations

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers what stands in this folder."""

    name = "zhike.customers"
