"""Addresses of the settings."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from zhike.web.settings import audit, fields, profile, roles, tokens, units, users

urlpatterns: list[URLPattern] = [
    path("profile/", profile.profile, name="profile"),
    path("about/", profile.about, name="about"),
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
    path("units/", units.units, name="units"),
    path("units/new/", units.unit_new, name="unit_new"),
    path("units/<uuid:unit>/", units.unit, name="unit"),
    path("units/<uuid:unit>/change/", units.unit_change, name="unit_change"),
    path("units/<uuid:unit>/remove/", units.unit_remove, name="unit_remove"),
    path("roles/", roles.roles, name="roles"),
    path("fields/", fields.fields, name="fields"),
    path("fields/new/", fields.field_new, name="field_new"),
    path("fields/preview/", fields.field_preview, name="field_preview"),
    path("fields/<uuid:field>/", fields.field, name="field"),
    path("fields/<uuid:field>/retire/", fields.field_retire, name="field_retire"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/new/", tokens.token_new, name="token_new"),
    path("tokens/<uuid:token>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("audit/", audit.audit, name="audit"),
    path("audit/verify/", audit.audit_verify, name="audit_verify"),
]
