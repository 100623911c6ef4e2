"""Users: who signs in, with which roles, from which unit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.audit import list_facts
from zhike.kernel.errors import Conflict, Invalid, NotSignedIn
from zhike.kernel.own_account import last_seen, sessions
from zhike.kernel.reading import Listing, ListRequest, get_record, list_records
from zhike.kernel.rights import roles
from zhike.kernel.staff import STAFF, actor_by_id, names_of_units
from zhike.web.context import context_of
from zhike.web.forms import put_problems
from zhike.web.settings.choices import role_pairs
from zhike.web.settings.facts import shown_facts
from zhike.web.settings.policy import explained
from zhike.web.settings.user_forms import ChangeUser, CreateUser, SetRoles
from zhike.web.signin.devices import device_name

_COLUMNS = ("name", "username", "email", "unit", "roles", "active", "last_login")


def _condition(request: HttpRequest) -> dict[str, Any] | None:
    tests: list[dict[str, Any]] = []
    if text := request.GET.get("q", "").strip()[:100].replace("\x00", ""):
        names = ("name", "username")
        tests.append({"or": [{"field": name, "op": "contains", "value": text} for name in names]})
    if (state := request.GET.get("state", "active")) in ("active", "disabled"):
        tests.append({"field": "active", "op": "eq", "value": state == "active"})
    if (role := request.GET.get("role", "")) in roles():
        tests.append({"field": "roles", "op": "has_any", "value": [role]})
    return {"and": tests} if tests else None


def _page_url(request: HttpRequest, cursor: str | None) -> str:
    if cursor is None:
        return ""
    kept = {key: request.GET[key] for key in ("q", "state", "role") if request.GET.get(key)}
    return f"?{urlencode(kept | {'cursor': cursor})}"


def users(request: HttpRequest) -> HttpResponse:
    """The people of the house, found by a part of their name, by state and by role."""
    context = context_of(request)
    wanted = ListRequest(
        condition=_condition(request), sort="name", fields=_COLUMNS, cursor=request.GET.get("cursor") or None
    )
    listing = list_records(context, STAFF, wanted)
    values = {
        "rows": _rows(listing),
        "count": listing.count,
        "next_url": _page_url(request, listing.next),
        "previous_url": _page_url(request, listing.previous),
        "q": request.GET.get("q", ""),
        "state": request.GET.get("state", "active"),
        "role": request.GET.get("role", ""),
        "roles": role_pairs(),
        "may_manage": context.actor.may("staff.manage"),
        "now": context.now,
    }
    return render(request, "settings/users.html", values)


def _rows(listing: Listing) -> list[dict[str, Any]]:
    ids = [row.id for row in listing.rows]
    units = names_of_units([row.values["unit"] for row in listing.rows if row.values["unit"]])
    seen, labels = last_seen(ids), dict(role_pairs())
    return [
        {
            "id": row.id,
            "values": row.values,
            "unit": units.get(row.values["unit"], ""),
            "roles": [labels.get(name, name) for name in row.values["roles"]],
            "seen": seen.get(row.id),
        }
        for row in listing.rows
    ]


def user_new(request: HttpRequest) -> HttpResponse:
    """Add somebody; the answer shows the password for the first sign-in, once."""
    context = context_of(request)
    context.require("staff.manage")
    form = CreateUser(context, request.POST or None, initial={"locale": context.actor.locale})
    if request.method == "POST":
        data = request.POST
        payload = {name: data.get(name, "") for name in ("name", "username", "email", "locale")}
        payload |= {"unit": data.get("unit") or None, "roles": data.getlist("roles")}  # type: ignore[dict-item]
        try:
            made = run("staff.create", context, payload).result
        except Invalid as refusal:
            put_problems(form, refusal)
            return render(request, "settings/user_new.html", {"form": form}, status=422)
        return _show_password(request, context, UUID(made["id"]), made["password"], fresh=True)
    return render(request, "settings/user_new.html", {"form": form})


def _show_password(
    request: HttpRequest, context: Context, staff: UUID, password: str, *, fresh: bool
) -> HttpResponse:
    record = get_record(context, STAFF, staff, ("name", "username"))
    values = {"person": record.values, "id": staff, "password": password, "fresh": fresh}
    response = render(request, "settings/user_password.html", values)
    response["Cache-Control"] = "no-store"
    return response


def user(request: HttpRequest, staff: UUID) -> HttpResponse:
    """One member of staff: facts, roles, sessions, and what they may do."""
    return _user_page(request, context_of(request), staff)


def _user_page(
    request: HttpRequest,
    context: Context,
    staff: UUID,
    *,
    change: ChangeUser | None = None,
    grant: SetRoles | None = None,
    status: int = 200,
    conflict: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    record = get_record(context, STAFF, staff)
    facts, manages = record.values, context.actor.may("staff.manage")
    start = {**facts, "unit": str(facts["unit"] or "")}
    unit = facts["unit"]
    values = {
        "id": staff,
        "person": facts,
        "unit": names_of_units([unit]).get(unit, "") if unit else "",
        "role_labels": [label for name, label in role_pairs() if name in facts["roles"]],
        "change": (change or ChangeUser(context, initial=start)) if manages else None,
        "grant": grant or SetRoles(initial=start),
        "may_manage": manages,
        "conflict": conflict,
        "sessions": _sessions(context, staff) if manages else [],
        "rights": _rights(staff),
        "facts": shown_facts(context, list_facts(context, resource="staff", record=staff, limit=8))
        if context.actor.may("audit.read")
        else [],
        "self": staff == context.actor.id,
        "now": context.now,
    }
    return render(request, "settings/user.html", values, status=status)


def _sessions(context: Context, staff: UUID) -> list[dict[str, Any]]:
    return [{"row": row, "device": device_name(row.agent)} for row in sessions(context, staff)]


def _rights(staff: UUID) -> Any:
    try:
        return explained(actor_by_id(staff).rights)
    except NotSignedIn:
        return None


def _theirs(conflict: Conflict, form: ChangeUser) -> list[dict[str, Any]]:
    names = names_of_units(
        [value for value in (conflict.theirs.get("unit"), conflict.yours.get("unit")) if value]
    )

    def word(name: str, value: Any) -> Any:
        return names.get(value, value) if name == "unit" else value

    return [
        {
            "label": form.fields[name].label,
            "yours": word(name, yours),
            "theirs": word(name, conflict.theirs[name]),
        }
        for name, yours in conflict.yours.items()
        if yours != conflict.theirs[name]
    ]


@require_POST
def user_change(request: HttpRequest, staff: UUID) -> HttpResponse:
    """Save name, e-mail, unit and language."""
    context = context_of(request)
    form = ChangeUser(context, request.POST)
    payload: dict[str, Any] = {name: request.POST.get(name, "") for name in ("name", "email", "locale")}
    payload |= {"staff": str(staff), "unit": request.POST.get("unit") or None}
    payload["version"] = request.POST.get("version") or None
    try:
        run("staff.change", context, payload)
    except Invalid as refusal:
        put_problems(form, refusal)
        return _user_page(request, context, staff, change=form, status=422)
    except Conflict as conflict:
        form.data = {**request.POST.dict(), "version": str(conflict.version)}
        return _user_page(request, context, staff, change=form, status=409, conflict=_theirs(conflict, form))
    messages.success(request, _("Saved."))
    return redirect("user", staff)


@require_POST
def user_roles(request: HttpRequest, staff: UUID) -> HttpResponse:
    """Give somebody exactly the ticked roles."""
    payload = {"staff": str(staff), "roles": request.POST.getlist("roles")}
    run("staff.set_roles", context_of(request), payload)
    messages.success(request, _("The roles hold from the next click on."))
    return redirect("user", staff)


@require_POST
def user_password(request: HttpRequest, staff: UUID) -> HttpResponse:
    """Replace a forgotten password; the new one is shown once."""
    context = context_of(request)
    made = run("staff.reset_password", context, {"staff": str(staff)}).result
    return _show_password(request, context, staff, made["password"], fresh=False)


@require_POST
def user_do(request: HttpRequest, staff: UUID, verb: str) -> HttpResponse:
    """Disable or enable somebody, or end all their sessions."""
    said = {
        "disable": _("The account is disabled; all sessions have ended."),
        "enable": _("The account is enabled."),
        "end_sessions": _("All sessions have ended."),
    }
    run(f"staff.{verb}", context_of(request), {"staff": str(staff)})
    messages.success(request, said[verb])
    return redirect("user", staff)
