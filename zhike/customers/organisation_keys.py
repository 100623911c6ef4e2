"""The facts kept about organisations, in their four groups."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.customers.types.words import FactGroup

ORGANISATION_FACTS: dict[str, tuple[FactGroup, Promise]] = {
    "founded": (FactGroup.BASIC, _("Founded")),
    "legal_form": (FactGroup.BASIC, _("Legal form")),
    "legal_representative": (FactGroup.BASIC, _("Legal representative")),
    "registered_capital": (FactGroup.BASIC, _("Registered capital")),
    "assets": (FactGroup.BASIC, _("Assets")),
    "registered_address": (FactGroup.BASIC, _("Registered address")),
    "business_scope": (FactGroup.BASIC, _("Business scope")),
    "bank": (FactGroup.BASIC, _("Bank")),
    "employees": (FactGroup.CHARACTER, _("Number of employees")),
    "size": (FactGroup.CHARACTER, _("Size")),
    "service_area": (FactGroup.CHARACTER, _("Service area")),
    "direction": (FactGroup.CHARACTER, _("Direction of business")),
    "traits": (FactGroup.CHARACTER, _("Traits of management")),
    "reputation": (FactGroup.CHARACTER, _("Reputation")),
    "sales_power": (FactGroup.BUSINESS, _("Sales power")),
    "annual_revenue": (FactGroup.BUSINESS, _("Annual revenue")),
    "results": (FactGroup.BUSINESS, _("Business results")),
    "potential": (FactGroup.BUSINESS, _("Development potential")),
    "strengths": (FactGroup.BUSINESS, _("Strengths")),
    "weaknesses": (FactGroup.BUSINESS, _("Weaknesses")),
    "main_products": (FactGroup.BUSINESS, _("Main products")),
    "orders": (FactGroup.TRANSACTION, _("Orders")),
    "terms": (FactGroup.TRANSACTION, _("Terms of trade")),
    "credit": (FactGroup.TRANSACTION, _("Credit standing")),
    "credit_trouble": (FactGroup.TRANSACTION, _("Past credit trouble")),
    "attitude": (FactGroup.TRANSACTION, _("Attitude towards us")),
    "rivals": (FactGroup.TRANSACTION, _("Opinion of competitors")),
    "advice": (FactGroup.TRANSACTION, _("Advice to us")),
}
