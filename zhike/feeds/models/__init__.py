"""Tables of the feeds. Private to this entrance."""

from zhike.feeds.models.exports import Export
from zhike.feeds.models.imports import Import, ImportChunk, ImportRow, SavedMapping

__all__ = ["Export", "Import", "ImportChunk", "ImportRow", "SavedMapping"]
