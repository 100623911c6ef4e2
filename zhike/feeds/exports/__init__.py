"""Exports of lists: what a list shows, as the reader may see it, as CSV, XLSX or vCard.

- `doors` are the action and the queries, `cells` turns values into what people read, `work` writes the file.
"""
