"""The search index: one entry per record, with its tokens."""

from __future__ import annotations

from django.db import models


class SearchEntry(models.Model):
    """Ties a record to its tokens.

    The tokens themselves live where the database searches best: on PostgreSQL in the `tsv` column of this table
    (GIN), on SQLite in the full-text table `kernel_search_fts` under the same rowid. A migration makes both.
    """

    id = models.BigAutoField(primary_key=True)
    resource = models.CharField(max_length=40)
    record_id = models.UUIDField(unique=True)
