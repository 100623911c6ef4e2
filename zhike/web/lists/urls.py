"""The addresses of a list screen."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhike.web.lists.bulk import bulk
from zhike.web.lists.cells import cell
from zhike.web.lists.dialogs import columns_dialog, filter_dialog
from zhike.web.lists.page import list_page
from zhike.web.lists.screen import Screen
from zhike.web.lists.view_dialogs import change_view, remove_view, save_view
from zhike.web.lists.widths import keep_widths


def list_urls(screen: Screen, base: str) -> list[URLPattern]:
    """The addresses of a list below `base` (`customers/`), named after the screen."""
    given, name = {"screen": screen}, screen.name
    return [
        path(base, list_page, given, name=name),
        path(f"{base}filter/", filter_dialog, given, name=f"{name}_filter"),
        path(f"{base}columns/", columns_dialog, given, name=f"{name}_columns"),
        path(f"{base}widths/", keep_widths, given, name=f"{name}_widths"),
        path(f"{base}cells/<uuid:record>/<str:field>/", cell, given, name=f"{name}_cell"),
        path(f"{base}bulk/<slug:verb>/", bulk, given, name=f"{name}_bulk"),
        path(f"{base}views/new/", save_view, given, name=f"{name}_view_new"),
        path(f"{base}views/<uuid:view>/", change_view, given, name=f"{name}_view"),
        path(f"{base}views/<uuid:view>/remove/", remove_view, given, name=f"{name}_view_remove"),
    ]
