"""The address of the first screen."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhike.web.home import views

urlpatterns: list[URLPattern] = [path("", views.home, name="home")]
