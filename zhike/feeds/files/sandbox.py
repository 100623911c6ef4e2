"""Reading workbooks in a child process that cannot take more memory or time than it was given.

Whatever the child does (refuses, crashes, runs out of memory or time, sends rubbish) the parent sees rows followed
by a clean end or a `FileRefused` with its reason.
"""

from __future__ import annotations

import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from zhike.feeds.files.archive_guard import OLE_MAGIC, guard_workbook
from zhike.feeds.files.delimited import Piece
from zhike.feeds.files.messages import FileRefused, Message, RefusedRow
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.reasons import refuse

_FRAME_LIMIT = 256 << 20
_PACKAGE_PARENT = Path(__file__).resolve().parents[3]
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class ChildReader:
    """One child process and the frames it sends."""

    def __init__(self, path: Path, options: TableOptions, *, task: str, engine: str) -> None:
        self.options = options
        request = {"path": str(path.resolve()), "options": options.to_json(), "task": task, "engine": engine}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "zhike.feeds.files.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(_PACKAGE_PARENT), **_ONE_THREAD},
            close_fds=True,
        )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError), self._process.stdin as pipe:
            pipe.write(json.dumps(request).encode())

    def frames(self) -> Iterator[dict[str, Any]]:
        """Frames until the end frame. Raises `FileRefused` for everything else."""
        while True:
            (length,) = struct.unpack(">I", self._read(4))
            if length > _FRAME_LIMIT:
                raise refuse("file_crash")
            frame: dict[str, Any] = orjson.loads(self._read(length))
            if "refusal" in frame:
                raise FileRefused(Message.from_json(frame["refusal"]))
            if frame.get("end"):
                return
            yield frame

    def close(self) -> None:
        """End the child, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _read(self, count: int) -> bytes:
        """Exactly `count` bytes, or the reason why they will not come."""
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        parts: list[bytes] = []
        deadline = time.monotonic() + self.options.limits.child_silence
        while count:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([handle], [], [], left)[0]:
                self.close()
                raise refuse("file_time", seconds=round(self.options.limits.child_silence))
            part = os.read(handle, min(count, 1 << 20))
            if not part:
                raise self._why_it_ended()
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _why_it_ended(self) -> FileRefused:
        code = self._process.wait()
        limits = self.options.limits
        if code == -signal.SIGXCPU:
            return refuse("file_time", seconds=limits.child_cpu)
        if code in (-signal.SIGABRT, -signal.SIGKILL):
            return refuse("file_memory", limit_mb=limits.child_memory >> 20)
        return refuse("file_crash")


def engines_for(path: Path, options: TableOptions) -> list[str]:
    """Engines to try in turn: the fast one where it is safe, the streaming one after it ran out of memory."""
    with path.open("rb") as handle:
        if handle.read(8) == OLE_MAGIC:
            return ["eager"]
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    return ["eager", "streaming"] if unpacked <= options.limits.eager_sheet else ["streaming"]


@dataclass(frozen=True, slots=True)
class Preview:
    """What the first look at a workbook shows: its sheets, the chosen one and up to 200 of its first rows."""

    sheets: list[str]
    sheet: str
    height: int
    head: list[list[str | None]]


def preview(path: Path, options: TableOptions) -> Preview:
    """Look at a workbook. Raises `FileRefused`."""
    guard_workbook(path, options.limits)
    frame = _first_frame(path, options, "preview")[1]
    return Preview(frame["sheets"], frame["sheet"], frame["height"], frame["head"])


def _first_frame(path: Path, options: TableOptions, task: str) -> tuple[ChildReader, dict[str, Any]]:
    """Start the child and wait for its first frame, with the next engine when the first ran out of memory."""
    engines = engines_for(path, options)
    for engine in engines:
        child = ChildReader(path, options, task=task, engine=engine)
        try:
            frame = next(child.frames(), None)
            if frame is None:
                raise refuse("file_crash")
        except FileRefused as refusal:
            child.close()
            if refusal.reason.code != "file_memory" or engine == engines[-1]:
                raise
        except BaseException:
            child.close()
            raise
        else:
            if task == "preview":
                child.close()
            return child, frame
    raise refuse("file_crash")


class SpreadsheetReader:
    """Rows of one sheet, parsed elsewhere."""

    def __init__(self, path: Path, options: TableOptions) -> None:
        guard_workbook(path, options.limits)
        self._child, self._first = _first_frame(path, options, "rows")
        self._last = 0

    @property
    def share(self) -> float:
        """How much of the sheet has been given, 0 to 1, as far as the workbook says how high it is."""
        height = self._first["height"]
        return min(self._last / height, 1.0) if height else 0.0

    def columns(self) -> list[str]:
        """Names of the columns."""
        columns: list[str] = self._first["columns"]
        return columns

    def pieces(self) -> Iterator[Piece]:
        """Rows as they come."""
        for frame in self._child.frames():
            rows = [(number, cells) for number, cells in frame["rows"]]
            refused = [RefusedRow.from_json(raw) for raw in frame["refused"]]
            self._last = frame["last"]
            yield Piece(rows, refused, frame["last"])
        self.close()

    def close(self) -> None:
        """End the child process."""
        self._child.close()
