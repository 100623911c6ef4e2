"""One action on many records: those picked, or all that the list holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from zhike.kernel.actions import Deed, deed, run
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, NotFound, Refusal
from zhike.kernel.reading import matching
from zhike.web.context import context_of
from zhike.web.forms import ParameterForm, parameter_form, payload_of, put_problems
from zhike.web.lists import saved
from zhike.web.lists.screen import Screen
from zhike.web.lists.state import condition_of, read_state
from zhike.web.lists.table import problem_text
from zhike.web.toasts import toast, trigger

AT_ONCE = 500
MOST = 5000
UNDOABLE = 40


@require_POST
def bulk(request: HttpRequest, screen: Screen, verb: str) -> HttpResponse:
    """The first POST (from the bar) answers with the dialog of the action; the dialog's own POST (`sure`) acts."""
    context = context_of(request)
    item = deed(f"{screen.resource.name}.{verb}")
    if not item.bulk or item.resource != screen.resource.name:
        raise NotFound()
    context.require(item.permission)
    target = next(iter(item.parameters.model_fields))
    sure = bool(request.POST.get("sure"))
    form = parameter_form(
        item, request.POST if sure else None, skip=[target], known=screen.vocabulary(context)
    )
    ids = chosen(request, context, screen)
    if sure and ids:
        try:
            changed = _act(context, item, target, ids, payload_of(form))
            return _done(request, screen, item, ids, changed)
        except Invalid as refusal:
            put_problems(form, refusal)
        except Refusal as refusal:
            form.is_valid()
            form.add_error(None, problem_text(refusal))
    return _dialog(request, screen, item, form, ids)


def chosen(request: HttpRequest, context: Context, screen: Screen) -> Sequence[UUID]:
    """The records that a request from the bar means. Raises Invalid when they are too many for one go."""
    if request.POST.get("all"):
        state = saved.read_views(request, context, screen).applied
        rows = matching(context, screen.resource, condition=condition_of(state.where), text=state.text)
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
        if len(ids) > MOST:
            raise Invalid({"all": _("At most %(most)s records at once; narrow the list.") % {"most": MOST}})
        return ids
    try:
        return [UUID(each) for each in dict.fromkeys(request.POST.getlist("ids"))][:MOST]
    except ValueError:
        raise Invalid({"ids": _("This is not an identifier.")}) from None


def _batches(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def _act(context: Context, item: Deed, target: str, ids: Sequence[UUID], payload: Mapping[str, Any]) -> int:
    """Act batch by batch in one transaction: all of it or nothing. Returns how many records changed."""
    changed = 0
    with transaction.atomic():
        for number, part in enumerate(_batches(ids)):
            key = f"{context.key}:{number}" if context.key else None
            given = {**payload, target: [str(each) for each in part]}
            result = run(item.name, _with_key(context, key), given).result
            found = result.get("changed", len(part)) if isinstance(result, dict) else len(part)
            changed += len(found) if isinstance(found, list) else int(found)
    return changed


def _with_key(context: Context, key: str | None) -> Context:
    return Context(context.actor, context.now, context.channel, key, context.request_id, context.reason)


def _done(
    request: HttpRequest, screen: Screen, item: Deed, ids: Sequence[UUID], changed: int
) -> HttpResponse:
    text = ngettext("%(label)s: %(n)d record changed.", "%(label)s: %(n)d records changed.", changed)
    message = text % {"label": item.label, "n": changed}
    if not request.headers.get("HX-Request"):
        return redirect(screen.url() + read_state(request).query())
    answer = HttpResponse(status=204)
    trigger(answer, "closeDialog")
    trigger(answer, "list:changed")
    return toast(answer, message, undo_url=_undo(screen, item, ids))


def _undo(screen: Screen, item: Deed, ids: Sequence[UUID]) -> str:
    if not item.danger or len(ids) > UNDOABLE:
        return ""
    try:
        return f"{screen.url('restore')}?ids={','.join(map(str, ids))}"
    except NoReverseMatch:
        return ""


def _dialog(
    request: HttpRequest, screen: Screen, item: Deed, form: ParameterForm, ids: Sequence[UUID]
) -> HttpResponse:
    everything = bool(request.POST.get("all"))
    values = {
        "screen": screen, "deed": item, "form": form, "count": len(ids), "all": everything,
        "ids": [] if everything else ids,
        "url": screen.url("bulk", verb=item.verb) + read_state(request).query(),
    }  # fmt: skip
    return render(request, "lists/bulk.html", values, status=422 if form.errors else 200)
