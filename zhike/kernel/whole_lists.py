"""One action on a whole list, however long: in the background, a batch to a transaction, going on after a fall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.kernel.actions import Deed, about, action, deed, run
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, NotFound, Refusal
from zhike.kernel.fields import resource
from zhike.kernel.ids import uuid7
from zhike.kernel.jobs import Run, enqueue, job
from zhike.kernel.reading import matching

ACT = "jobs.act_on_list"
BATCH = 500
_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Begun:
    """The job that does the work."""

    job: UUID


def target_of(item: Deed) -> str:
    """The parameter of a bulk action that takes the ids of the records."""
    return next(iter(item.parameters.model_fields))


def act(context: Context, item: Deed, ids: Sequence[UUID], given: Mapping[str, Any]) -> int:
    """Carry a bulk action out on some records. Returns how many it changed. Raises Refusal; then nothing changed."""
    result = run(item.name, context, {**given, target_of(item): [str(each) for each in ids]}).result
    found = result.get("changed", len(ids)) if isinstance(result, dict) else len(ids)
    return len(found) if isinstance(found, list) else int(found)


@action(ACT, label=gettext_lazy("Act on a whole list"), permission="jobs.read")
def act_on_list(
    context: Context,
    action_name: Annotated[str, Bound(max_length=80), about(gettext_lazy("Action"))],
    condition: Annotated[dict[str, Any] | None, about(gettext_lazy("Condition"))] = None,
    text: Annotated[str, Bound(max_length=200), about(gettext_lazy("Search text"))] = "",
    parameters: Annotated[dict[str, Any], about(gettext_lazy("Parameters"))] = {},  # noqa: B006
) -> Begun:
    """Begin one action on all records of a list, such as `customers.assign`; those that refuse are counted.

    The action asks for its own permission. Records that stop matching on the way are done all the same if they
    matched when their turn came.
    """
    item = deed(action_name)
    if not item.bulk or item.resource is None:
        raise Invalid({"action_name": _("This cannot be done to a whole list.")})
    context.require(item.permission)
    # What is wrong with the rest is said now and not by the job: the action is tried on a record that is not there,
    # and nothing of the trial stays.
    with suppress(NotFound), transaction.atomic():
        act(replace(context, key=None), item, [uuid7()], parameters)
        transaction.set_rollback(True)
    of = resource(item.resource)
    matching(context, of, condition=condition, text=text)
    args = {"action": item.name, "condition": condition, "text": text, "parameters": parameters}
    named = {"deed": item.label, "records": of.label}
    return Begun(enqueue(context, ACT, args, title="%(deed)s · %(records)s", values=named))


@job(ACT, title=gettext_lazy("Act on a whole list"))
def work(run: Run) -> Mapping[str, Any]:
    """Walk the list in the order of its ids, which nothing that is done to a record changes."""
    item = deed(run.args["action"])
    run.context.require(item.permission)
    of = resource(item.resource or "")
    state = run.checkpoint
    state.setdefault("result", {"changed": 0, "refused": 0, "examples": []})

    def left() -> Any:
        rows = matching(run.context, of, condition=run.args["condition"], text=run.args["text"]).order_by(
            "pk"
        )
        return rows.filter(pk__gt=UUID(state["after"])) if "after" in state else rows

    if "total" not in state:
        state["total"] = left().count()
    while ids := list(left().values_list("pk", flat=True)[:BATCH]):
        with run.chunk():
            _do(run.context, item, ids, run.args["parameters"], state["result"])
            state["after"] = str(ids[-1])
            run.progress(run.done + len(ids), max(state["total"], run.done + len(ids)))
    return dict(state["result"])


def _do(
    context: Context, item: Deed, ids: Sequence[UUID], given: Mapping[str, Any], result: dict[str, Any]
) -> None:
    """Act on a batch; where it is refused together, one by one, so that one record never stops a list."""
    try:
        with transaction.atomic():
            result["changed"] += act(context, item, ids, given)
    except Refusal as refusal:
        if len(ids) > 1:
            for each in ids:
                _do(context, item, [each], given, result)
            return
        result["refused"] += 1
        if len(result["examples"]) < _EXAMPLES:
            result["examples"].append({"record": str(ids[0]), "reason": str(refusal)})
