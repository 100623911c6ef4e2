"""Where one installation keeps its state, and the secrets it made for itself."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any


def home() -> Path:
    """The folder that holds all state: database, warehouse, files, secrets (`ZHIKE_HOME`, default `var/`)."""
    path = Path(os.environ.get("ZHIKE_HOME", "var")).expanduser().resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys of one installation. `field_keys` is ordered: the first encrypts, all of them decrypt."""

    django: str
    field_keys: tuple[tuple[str, str], ...]
    lookup: str
    seal: str


def _fresh() -> dict[str, Any]:
    return {
        "django": secrets.token_urlsafe(64),
        "field_keys": [["k1", secrets.token_hex(32)]],
        "lookup": secrets.token_hex(32),
        "seal": secrets.token_hex(32),
    }


def _drafted(path: Path, content: dict[str, Any]) -> Path:
    """The content beside its place, safe on the disk and with mode 600; under a name that no other writer takes."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as handle:
        json.dump(content, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    return draft


def _write_once(path: Path) -> None:
    """Create the file unless another process was first; never overwrite."""
    draft = _drafted(path, _fresh())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


@lru_cache(maxsize=1)
def installation_secrets() -> Secrets:
    """Read the secrets of this installation, making them at first start."""
    path = home() / "secrets.json"
    if not path.exists():
        _write_once(path)
    raw = json.loads(path.read_text())
    return Secrets(
        django=raw["django"],
        field_keys=tuple((name, key) for name, key in raw["field_keys"]),
        lookup=raw["lookup"],
        seal=raw["seal"],
    )


def add_field_key() -> str:
    """Put a new encryption key in front of the old ones and return its name; old values stay readable."""
    path = home() / "secrets.json"
    installation_secrets()
    # One at a time: of two that read the same keys the second would throw the key of the first away.
    with path.with_name(".secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        raw = json.loads(path.read_text())
        name = f"k{len(raw['field_keys']) + 1}"
        raw["field_keys"].insert(0, [name, secrets.token_hex(32)])
        _drafted(path, raw).replace(path)
    installation_secrets.cache_clear()
    return name
