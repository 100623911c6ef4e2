"""Addresses of imports and exports."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhike.web.imports import exports, result, wizard

_ONE = "imports/<uuid:batch>/"

urlpatterns: list[URLPattern] = [
    path("imports/", result.imports, name="imports"),
    path("imports/new/", wizard.upload, name="import_new"),
    path("imports/example/", wizard.example, name="import_example"),
    path(_ONE, result.whole, name="import"),
    path(f"{_ONE}file/", wizard.file, name="import_file"),
    path(f"{_ONE}columns/", wizard.columns, name="import_columns"),
    path(f"{_ONE}check/", wizard.check, name="import_check"),
    path(f"{_ONE}start/", result.start, name="import_start"),
    path(f"{_ONE}stop/", result.stop, name="import_stop"),
    path(f"{_ONE}retry/", result.again, name="import_retry"),
    path(f"{_ONE}undo/", result.undo, name="import_undo"),
    path(f"{_ONE}progress/", result.progress, name="import_progress"),
    path(f"{_ONE}refused/", result.refused, name="import_refused"),
    path("exports/", exports.exports, name="exports"),
    path("exports/new/", exports.new, name="export_new"),
    path("exports/<uuid:export>/", exports.one, name="export"),
    path("exports/<uuid:export>/file/", exports.download, name="export_file"),
]
