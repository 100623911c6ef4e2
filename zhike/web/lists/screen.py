"""What a list screen needs to know about its resource beyond the resource itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import reverse

from zhike.kernel.actor import Context
from zhike.kernel.fields import Field, Resource
from zhike.web.forms import Choices, Vocabulary

NoneEditable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EmptyWords:
    """How an empty list says what it is for."""

    title: Any
    text: Any
    icon: str = "inbox"


@dataclass(frozen=True, slots=True)
class Screen:
    """A list screen. Addresses are named `{name}`, `{name}_filter`, `{name}_columns`, `{name}_cell`, `{name}_bulk`.

    `editable` names the fields that the actor may change in their cells; `save_cell(context, id, field, value,
    version)` changes one; `references(context, kind)` gives the choices of staff, units, …; `head` is the template of
    the buttons in the head, which `extras` tells what it needs; `grouping` names texts that the list may be grouped by.
    """

    name: str
    resource: Resource
    empty: EmptyWords
    page: Callable[[UUID], str]
    preview: Callable[[UUID], str] | None = None
    editable: Callable[[Context], frozenset[str]] = lambda _context: NoneEditable
    save_cell: Callable[[Context, UUID, Field, Any, int | None], None] | None = None
    references: Callable[[Context, str], Choices] = lambda _context, _kind: ()
    vocabulary: Callable[[Context], Vocabulary] = lambda _context: Vocabulary()
    head: str = ""
    extras: Callable[[Context], Mapping[str, Any]] = lambda _context: {}
    always: Sequence[str] = ()
    grouping: Sequence[str] = ()
    icons: Mapping[str, str] = field(default_factory=dict)

    def url(self, part: str = "", **kwargs: Any) -> str:
        """An address of this screen."""
        return reverse(f"{self.name}_{part}" if part else self.name, kwargs=kwargs or None)
