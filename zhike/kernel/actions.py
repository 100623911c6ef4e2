"""The registry of actions: one typed function per write, from which every door is generated.

    @action("customers.rename", resource="customers", label=_("Rename"))
    def rename(
        context: Context, customer: UUID, name: Annotated[str, about(_("New name"))], *, version: int | None = None
    ) -> Saved:
        '''Give a customer another name.'''
        party = load(context.actor, CUSTOMERS, customer)          # load (and lock)
        check_version(party, version, {"name": name}); …            # require
        party.name = name; save(party)                              # change
        news = changed(party, before, ["name"])                    # record
        announce(context, news)                                     # announce
        return Saved(...)

The decorator opens the transaction and requires the permission (by default the action's name). `run` is the
way in for doors: it validates a payload against the signature, keeps the idempotency key and replays the answer
to a repeated request.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar, get_type_hints
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model
from pydantic.fields import FieldInfo

from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.replay import keep, remember, replayed
from zhike.kernel.text import as_json, canonical, digest
from zhike.kernel.validation import invalid_from

P = ParamSpec("P")
R = TypeVar("R")
KEY_KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class About:
    """The label of a parameter, for doors and forms."""

    label: str | Promise


def about(label: str | Promise) -> About:
    """Label a parameter: `name: Annotated[str, about(_("Name"))]`."""
    return About(label)


@dataclass(frozen=True, slots=True)
class Deed:
    """One registered action or query. `writes` tells them apart; queries run without a key or a fact.

    `target` names the first parameter when it is the id of the one record the deed is about.
    """

    name: str
    resource: str | None
    label: str | Promise
    permission: str
    function: Callable[..., Any]
    parameters: type[BaseModel]
    result: TypeAdapter[Any]
    summary: str
    writes: bool
    labels: Mapping[str, str | Promise]
    target: str | None = None
    danger: bool = False
    bulk: bool = False

    @property
    def room(self) -> str:
        """The room the deed belongs to: the part of the name before the dot."""
        return self.name.split(".", 1)[0]

    @property
    def verb(self) -> str:
        """The part of the name after the dot."""
        return self.name.split(".", 1)[1]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `run` gives back: the result as JSON types, and whether it was given before under this key."""

    result: Any
    replayed: bool = False


_deeds: dict[str, Deed] = {}


def _parameters(name: str, function: Callable[..., Any]) -> tuple[type[BaseModel], dict[str, str | Promise]]:
    hints = get_type_hints(function, include_extras=True)
    members: dict[str, Any] = {}
    labels: dict[str, str | Promise] = {}
    for index, (key, parameter) in enumerate(inspect.signature(function).parameters.items()):
        if index == 0:
            continue
        hint = hints[key]
        for extra in getattr(hint, "__metadata__", ()):
            if isinstance(extra, About):
                labels[key] = extra.label
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        members[key] = (hint, FieldInfo(default=default))
    title = "".join(part.title() for part in name.replace(".", "_").split("_"))
    model = create_model(
        title, __config__=ConfigDict(extra="forbid", arbitrary_types_allowed=True), **members
    )
    return model, labels


def _register(name: str, function: Callable[..., Any], **rest: Any) -> Deed:
    if name in _deeds and _deeds[name].function.__module__ != function.__module__:
        raise ValueError(f"{name} is registered twice")
    model, labels = _parameters(name, function)
    hints = get_type_hints(function, include_extras=True)
    first = next(iter(model.model_fields.items()), None)
    deed = Deed(
        name=name,
        target=first[0] if first and first[1].annotation is UUID and first[1].is_required() else None,
        function=function,
        parameters=model,
        labels=labels,
        result=TypeAdapter(hints["return"]),
        summary=inspect.getdoc(function) or "",
        **rest,
    )
    _deeds[name] = deed
    return deed


def action(
    name: str,
    *,
    label: str | Promise,
    resource: str | None = None,
    permission: str | None = None,
    danger: bool = False,
    bulk: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a write. `danger` asks people to confirm; `bulk` offers it for many records at once.

    The wrapped function requires the permission and runs in a transaction (joining one that is open).
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            context = args[0]
            assert isinstance(context, Context)
            context.require(permission or name)
            with transaction.atomic():
                return function(*args, **kwargs)

        _register(
            name, guarded, resource=resource, label=label, permission=permission or name,
            writes=True, danger=danger, bulk=bulk,
        )  # fmt: skip
        return guarded

    return wrap


def query(
    name: str, *, label: str | Promise, resource: str | None = None, permission: str | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a read beyond plain lists and records (a timeline, a card). It changes nothing."""

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            context = args[0]
            assert isinstance(context, Context)
            context.require(permission or name)
            return function(*args, **kwargs)

        _register(
            name, guarded, resource=resource, label=label, permission=permission or name, writes=False
        )  # fmt: skip
        return guarded

    return wrap


def deeds() -> Iterator[Deed]:
    """All registered actions and queries, by name."""
    yield from (item for _name, item in sorted(_deeds.items()))


def deed(name: str) -> Deed:
    """The action or query of that name. Raises Invalid for an unknown one."""
    if name not in _deeds:
        raise Invalid({"action": _("Unknown action: %(name)s.") % {"name": name}})
    return _deeds[name]


def parse(item: Deed, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Validated keyword arguments from a JSON-like payload. Raises Invalid naming each wrong field."""
    try:
        model = item.parameters.model_validate(dict(payload))
    except ValidationError as error:
        raise invalid_from(error) from None
    return {name: getattr(model, name) for name in type(model).model_fields}


def run(name: str, context: Context, payload: Mapping[str, Any]) -> Outcome:
    """Carry out an action (or query) for a door. Raises Refusal of some kind; then nothing is written."""
    item = deed(name)
    context.require(item.permission)
    arguments = parse(item, payload)
    if not item.writes:
        return Outcome(as_json(item.function(context, **arguments)))
    # The permission is checked and the transaction is open here: the function itself needs no second of either.
    work = inspect.unwrap(item.function)
    with transaction.atomic():
        if context.key is None:
            return Outcome(as_json(work(context, **arguments)))
        if not 1 <= len(context.key) <= 255:
            raise Invalid({"Idempotency-Key": "1–255"})
        request_hash = digest(item.name, canonical(dict(payload)))
        known = remember(context, item.name, request_hash)
        if known is not None:
            return Outcome(replayed(known, item.name, request_hash), replayed=True)
        result = work(context, **arguments)
        # What is shown once (a password, a token) is not kept: such a result says itself what may be.
        keep(context, as_json(result.to_keep() if hasattr(result, "to_keep") else result))
        return Outcome(as_json(result))
