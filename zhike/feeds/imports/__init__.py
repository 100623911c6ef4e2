"""Imports of customers: a file is uploaded, read, mapped, tried out, run in the background and, if need be, undone.

- `doors` are the actions and queries; `command` is `zhike import customers`.
- `targets` names the fields a column can go to, `drafts` makes a draft of a row, `judge` says what would become of it.
- `work` are the jobs (preview, run, undo); every chunk commits its rows together with the checkpoint.
"""
