"""Addresses of this entrance."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("zhike.web.signin.urls")),
    path("", include("zhike.web.home.urls")),
    path("", include("zhike.web.customers.urls")),
    path("", include("zhike.web.search.urls")),
    path("", include("zhike.web.imports.urls")),
    path("insight/", include("zhike.web.value.urls")),
    path("jobs/", include("zhike.web.jobs.urls")),
    path("settings/", include("zhike.web.settings.urls")),
]
