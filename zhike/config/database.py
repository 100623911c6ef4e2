"""The database setting: SQLite in the home by default, PostgreSQL through `DATABASE_URL`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=20000; "
    "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384; PRAGMA mmap_size=268435456;"
)


def sqlite(path: Path | str) -> dict[str, Any]:
    """Django settings for one SQLite file: WAL, writers queue at BEGIN IMMEDIATE, nothing lost at power cut."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": _PRAGMAS},
        "CONN_MAX_AGE": None,
    }


def postgresql(url: str) -> dict[str, Any]:
    """Django settings for a `postgresql://user:password@host:port/name?option=value` address."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": {**options, "pool": {"min_size": 1, "max_size": 16, "timeout": 20}},
        "CONN_MAX_AGE": 0,
    }


def from_environment(home: Path) -> dict[str, Any]:
    """The `default` entry of DATABASES. Raises ValueError for an address of an unknown kind."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return sqlite(home / "zhike.sqlite3")
    scheme = url.split(":", 1)[0]
    if scheme in {"postgres", "postgresql"}:
        return postgresql(url)
    if scheme == "sqlite":
        return sqlite(url.removeprefix("sqlite:///"))
    raise ValueError(f"DATABASE_URL: unknown kind {scheme!r}; use postgresql:// or sqlite:///")
