"""Refused rows while an import runs: a file that a resumed import cuts back to what was committed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import orjson

from zhike.feeds.files.messages import RefusedRow
from zhike.feeds.files.refused import RefusedFile


class RefusedLog:
    """Refused rows as JSON lines in `folder`, and the CSV `target` that is made of them."""

    def __init__(self, folder: Path, target: Path) -> None:
        self._path = folder / "refused.jsonl"
        self.csv = target

    def add(self, rows: Iterable[RefusedRow], after: int) -> int:
        """Write rows behind the first `after` bytes, which alone count so far; the new size in bytes."""
        with self._path.open("r+b" if self._path.exists() else "w+b") as file:
            file.truncate(after)
            file.seek(after)
            for row in rows:
                file.write(orjson.dumps(_encodable(row.to_json())) + b"\n")
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def finish(self, columns: Sequence[str], size: int) -> None:
        """Write the CSV that can be corrected and sent again; none where nothing was refused."""
        if not size:
            return
        self.csv.parent.mkdir(parents=True, exist_ok=True)
        aside = self.csv.with_suffix(".part")
        with aside.open("wb") as out:
            file = RefusedFile(out, columns)
            for row in self._rows(size):
                file.add(row)
            file.close()
        aside.replace(self.csv)

    def _rows(self, size: int) -> Iterator[RefusedRow]:
        with self._path.open("rb") as file:
            while file.tell() < size and (line := file.readline()):
                yield RefusedRow.from_json(orjson.loads(line))


def _encodable(raw: object) -> object:
    """Lone surrogates (bytes that are no characters) as visible text: JSON cannot carry them."""
    if isinstance(raw, str):
        return raw.encode("utf-8", "backslashreplace").decode("utf-8") if not raw.isascii() else raw
    if isinstance(raw, dict):
        return {key: _encodable(value) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [_encodable(value) for value in raw]
    return raw
