"""One action on many records: those picked, or all that the list holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from zhike.kernel.actions import Deed, deed, run
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, NotFound, Refusal
from zhike.kernel.pages import Count, count
from zhike.kernel.reading import matching
from zhike.kernel.slices import slices
from zhike.kernel.whole_lists import BATCH, act, target_of
from zhike.web.context import context_of
from zhike.web.forms import ParameterForm, parameter_form, payload_of, put_problems
from zhike.web.lists import saved
from zhike.web.lists.screen import Screen
from zhike.web.lists.state import condition_of, read_state
from zhike.web.lists.table import problem_text
from zhike.web.toasts import toast, trigger

# Longer lists than this are left to a job.
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
    sure = bool(request.POST.get("sure"))
    form = parameter_form(
        item, request.POST if sure else None, skip=[target_of(item)], known=screen.vocabulary(context)
    )
    picked = chosen(request, context, screen)
    if sure and picked.count.number:
        try:
            if picked.whole:
                return _begun(request, screen, item, _begin(request, context, screen, item, payload_of(form)))
            changed = _act(context, item, picked.ids, payload_of(form))
            return _done(request, screen, item, picked.ids, changed)
        except Invalid as refusal:
            put_problems(form, refusal)
        except Refusal as refusal:
            form.is_valid()
            form.add_error(None, problem_text(refusal))
    return _dialog(request, screen, item, form, picked)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The records that are meant: by their ids, or the `whole` list where they are too many to wait for."""

    ids: Sequence[UUID]
    count: Count
    whole: bool = False


def chosen(request: HttpRequest, context: Context, screen: Screen) -> Chosen:
    """The records that a request from the bar means."""
    if request.POST.get("all"):
        state = saved.read_views(request, context, screen).applied
        rows = matching(context, screen.resource, condition=condition_of(state.where), text=state.text)
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
        whole = len(ids) > MOST
        return Chosen([] if whole else ids, count(rows) if whole else Count(len(ids), True), whole)
    try:
        ids = [UUID(each) for each in dict.fromkeys(request.POST.getlist("ids"))][:MOST]
    except ValueError:
        raise Invalid({"ids": _("This is not an identifier.")}) from None
    return Chosen(ids, Count(len(ids), True))


def _act(context: Context, item: Deed, ids: Sequence[UUID], payload: Mapping[str, Any]) -> int:
    """Act batch by batch in one transaction: all of it or nothing. Returns how many records changed."""
    changed = 0
    with transaction.atomic():
        for number, part in enumerate(slices(ids, BATCH)):
            key = f"{context.key}:{number}" if context.key else None
            changed += act(replace(context, key=key), item, part, payload)
    return changed


def _begin(
    request: HttpRequest, context: Context, screen: Screen, item: Deed, payload: Mapping[str, Any]
) -> UUID:
    """Leave a list that is too long to wait for to a job."""
    state = saved.read_views(request, context, screen).applied
    given = {
        "action_name": item.name, "condition": condition_of(state.where), "text": state.text, "parameters": payload,
    }  # fmt: skip
    return UUID(run("jobs.act_on_list", context, given).result["job"])


def _begun(request: HttpRequest, screen: Screen, item: Deed, job: UUID) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return redirect("job", job)
    answer = HttpResponse(status=204)
    trigger(answer, "closeDialog")
    text = _("%(label)s: working on the whole list in the background.") % {"label": item.label}
    return toast(
        answer, text, kind="info", link_url=reverse("job", args=[job]), link_label=_("Show progress")
    )


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
    request: HttpRequest, screen: Screen, item: Deed, form: ParameterForm, picked: Chosen
) -> HttpResponse:
    everything = bool(request.POST.get("all"))
    values = {
        "screen": screen, "deed": item, "form": form, "count": picked.count, "all": everything,
        "ids": [] if everything else picked.ids, "whole": picked.whole,
        "url": screen.url("bulk", verb=item.verb) + read_state(request).query(),
    }  # fmt: skip
    return render(request, "lists/bulk.html", values, status=422 if form.errors else 200)
