"""The two forms of the search index: a tsvector with GIN on PostgreSQL, an FTS5 table on SQLite."""

from __future__ import annotations

from typing import Any

from django.db import migrations

# fastupdate stays on (a new entry has some twenty tokens), but its unsorted list is kept short: every search reads it
# from end to end. Statistics are fine enough for the planner to tell 科技 from a rare name.
_POSTGRESQL = (
    "ALTER TABLE kernel_searchentry ADD COLUMN tsv tsvector NOT NULL DEFAULT ''",
    "ALTER TABLE kernel_searchentry ALTER COLUMN tsv SET STATISTICS 2000",
    "CREATE INDEX kernel_search_gin ON kernel_searchentry USING gin (tsv) "
    "WITH (fastupdate = on, gin_pending_list_limit = 1024)",
)
_POSTGRESQL_BACK = (
    "DROP INDEX kernel_search_gin",
    "ALTER TABLE kernel_searchentry DROP COLUMN tsv",
)
_SQLITE = (
    "CREATE VIRTUAL TABLE kernel_search_fts USING fts5("
    "tokens, detail=none, columnsize=0, prefix='2 3 4', tokenize=\"ascii tokenchars '-_.@+'\")",
)
_SQLITE_BACK = ("DROP TABLE kernel_search_fts",)


def _run(schema_editor: Any, postgresql: tuple[str, ...], sqlite: tuple[str, ...]) -> None:
    for statement in postgresql if schema_editor.connection.vendor == "postgresql" else sqlite:
        schema_editor.execute(statement)


def forwards(apps: Any, schema_editor: Any) -> None:
    _run(schema_editor, _POSTGRESQL, _SQLITE)


def backwards(apps: Any, schema_editor: Any) -> None:
    _run(schema_editor, _POSTGRESQL_BACK, _SQLITE_BACK)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards, elidable=False)]
