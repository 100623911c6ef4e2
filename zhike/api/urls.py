"""Addresses of the API. Below `/api/v1` the registry decides, not a table of patterns."""

from __future__ import annotations

from django.urls import URLPattern, re_path

from zhike.api.views import entrance

urlpatterns: list[URLPattern] = [re_path(r"^v1(?P<path>/[\s\S]*)?\Z", entrance, name="api")]
