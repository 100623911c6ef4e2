"""The addresses of the customer screens."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhike.web.customers.act import act
from zhike.web.customers.bin import bin_page, restore
from zhike.web.customers.duplicates import duplicates_page, not_duplicate, search_duplicates
from zhike.web.customers.edit import edit_customer, new_customer
from zhike.web.customers.files import download, upload
from zhike.web.customers.listing import SCREEN
from zhike.web.customers.merge import merge_page, merge_pick, unmerge
from zhike.web.customers.organisation import organisation
from zhike.web.customers.page import customer_page, preview
from zhike.web.customers.pick import check, pick, warn
from zhike.web.customers.purchases import purchases
from zhike.web.customers.reveal import reveal
from zhike.web.customers.section import section
from zhike.web.customers.timeline import timeline_part
from zhike.web.lists.urls import list_urls

_ONE = "customers/<uuid:customer>/"

urlpatterns: list[URLPattern] = [
    path("customers/new/", new_customer, name="customer_new"),
    path("customers/pick/", pick, name="customer_pick"),
    path("customers/warn/", warn, name="customer_warn"),
    path("customers/check/", check, name="customer_check"),
    path("customers/bin/", bin_page, name="customer_bin"),
    path("customers/restore/", restore, name="customers_restore"),
    path("customers/unmerge/<uuid:merge>/", unmerge, name="customer_unmerge"),
    path("duplicates/", duplicates_page, name="duplicates"),
    path("duplicates/search/", search_duplicates, name="duplicates_search"),
    path("duplicates/<uuid:left>/<uuid:right>/", not_duplicate, name="customer_not_duplicate"),
    *list_urls(SCREEN, "customers/"),
    path(_ONE, customer_page, name="customer"),
    path(f"{_ONE}preview/", preview, name="customer_preview"),
    path(f"{_ONE}edit/", edit_customer, name="customer_edit"),
    path(f"{_ONE}sections/<str:key>/", section, name="customer_section"),
    path(f"{_ONE}organisation/", organisation, name="customer_organisation"),
    path(f"{_ONE}purchases/", purchases, name="customer_purchases"),
    path(f"{_ONE}merge/", merge_pick, name="customer_merge_pick"),
    path(f"{_ONE}merge/<uuid:other>/", merge_page, name="customer_merge"),
    path(f"{_ONE}timeline/", timeline_part, name="customer_timeline"),
    path(f"{_ONE}files/", upload, name="customer_upload"),
    path(f"{_ONE}files/<uuid:file>/", download, name="customer_file"),
    path(f"{_ONE}reveal/<slug:field>/", reveal, name="customer_reveal"),
    path(f"{_ONE}reveal/<slug:field>/<uuid:item>/", reveal, name="customer_reveal_item"),
    path(f"{_ONE}do/<slug:verb>/", act, name="customer_act"),
    path(f"{_ONE}do/<slug:verb>/<uuid:item>/", act, name="customer_act_item"),
]
