"""All addresses: each entrance brings its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

handler500 = "zhike.web.refusals.server_error"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("zhike.api.urls")),
    path("", include("zhike.web.urls")),
]
