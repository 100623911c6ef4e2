"""Why a file, a row or a cell was refused: a message that can be stored, sent between processes and translated.

A `Message` is an id (the English sentence, with `%(name)s` places) and its parameters, so a refusal made in a
child process or stored with a job is shown in the language of whoever reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Parameter = str | int | float


@dataclass(frozen=True, slots=True)
class Message:
    """One reason. `code` is stable for programs, `id` is the gettext id, `params` fill its places."""

    code: str
    id: str
    params: Mapping[str, Parameter] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence in the language that is active now."""
        from django.utils.translation import gettext

        return gettext(self.id) % self.params

    def to_json(self) -> dict[str, Any]:
        """A plain form to store or send."""
        return {"code": self.code, "id": self.id, "params": dict(self.params)}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Message:
        """The inverse of `to_json`."""
        return cls(raw["code"], raw["id"], raw["params"])


class FileRefused(Exception):
    """A whole file cannot be read. `reason` says why; the text of the exception is the translated reason."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.reason)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One row that could not be taken. `cells` are its cells as they came, or the raw text as the only cell;
    `column` names the column at fault where it is one."""

    source_row: int
    cells: tuple[str | None, ...]
    reason: Message
    column: str | None = None

    def __str__(self) -> str:
        """The reason with its column, in the language that is active now."""
        return f"{self.column}: {self.reason}" if self.column else str(self.reason)

    def to_json(self) -> dict[str, Any]:
        """A plain form to store or send."""
        return {
            "row": self.source_row,
            "cells": list(self.cells),
            "reason": self.reason.to_json(),
            "column": self.column,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> RefusedRow:
        """The inverse of `to_json`."""
        return cls(raw["row"], tuple(raw["cells"]), Message.from_json(raw["reason"]), raw["column"])
