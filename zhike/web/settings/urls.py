"""Addresses of the settings."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from zhike.web.settings import users

urlpatterns: list[URLPattern] = [
    path("staff/", users.users, name="users"),
    path("staff/new/", users.user_new, name="user_new"),
    path("staff/<uuid:staff>/", users.user, name="user"),
    path("staff/<uuid:staff>/change/", users.user_change, name="user_change"),
    path("staff/<uuid:staff>/roles/", users.user_roles, name="user_roles"),
    path("staff/<uuid:staff>/password/", users.user_password, name="user_password"),
    re_path(
        r"^staff/(?P<staff>[0-9a-f-]{36})/(?P<verb>disable|enable|end_sessions)/$",
        users.user_do,
        name="user_do",
    ),
]
