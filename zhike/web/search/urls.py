"""The address of the palette's search."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhike.web.search.palette import palette

urlpatterns: list[URLPattern] = [path("search/", palette, name="search")]
