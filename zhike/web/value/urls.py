"""Addresses of customer value."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhike.web.value import behind, moves, overview, policy, purchases

urlpatterns: list[URLPattern] = [
    path("value/", overview.value, name="value"),
    path("value/moves/", moves.moves, name="value_moves"),
    path("value/customers/", behind.customers, name="value_customers"),
    path("value/movers/", behind.movers, name="value_movers"),
    path("value/score/", overview.score, name="value_score"),
    path("value/policy/", policy.policy, name="value_policy"),
    path("purchases/", purchases.imports, name="purchases"),
    path("purchases/<uuid:purchase_import>/", purchases.one, name="purchase_import"),
    path("purchases/<uuid:purchase_import>/refused.csv", purchases.refused, name="purchase_refused"),
    path("purchases/<uuid:purchase_import>/continue/", purchases.go_on, name="purchase_continue"),
    path("purchases/<uuid:purchase_import>/undo/", purchases.undo, name="purchase_undo"),
]
