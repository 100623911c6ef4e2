"""The small changes on a customer's page: each is an action, its dialog made from the action's signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from zhike.customers.queries import card
from zhike.customers.types import CustomerCard
from zhike.kernel.actions import Deed, deed, run
from zhike.kernel.errors import Conflict, Invalid, NotFound
from zhike.web.context import context_of
from zhike.web.customers.choices import vocabulary
from zhike.web.customers.page import done, title_of
from zhike.web.forms import ParameterForm, parameter_form, payload_of, put_problems
from zhike.web.lists.table import problem_text

SAVE, REMOVE = _("Save"), _("Remove")
Initial = Callable[[CustomerCard, UUID], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Dialog:
    """How an action is offered on the page. `item` names the parameter that comes from the address (a contact point,
    a note …), `initial` fills the form from what is there, `many` says that the action takes a list of customers."""

    done: Any
    item: str = ""
    initial: Initial | None = None
    many: bool = False
    skip: tuple[str, ...] = ()
    picker: str = ""
    submit: Any = SAVE
    text: Any = ""


def _part(name: str, prefix: str) -> Initial:
    def read(found: CustomerCard, item: UUID) -> Mapping[str, Any]:
        for each in getattr(found, name):
            if each.id == item:
                values = asdict(each)
                values["primary"] = values.pop("is_primary", False)
                if values.get("masked"):
                    for hidden in ("value", "text"):
                        values.pop(hidden, None)
                return {f"{prefix}{key}": value for key, value in values.items()}
        raise NotFound()

    return read


def _tags(found: CustomerCard, _item: UUID) -> Mapping[str, Any]:
    return {"tags": ", ".join(found.tags)}


def _holder(found: CustomerCard, _item: UUID) -> Mapping[str, Any]:
    return {"owner": found.values.get("owner"), "unit": found.values.get("unit")}


_REMOVE_CONTACT = _("Remove this contact point?")
_REMOVE_PAPER = _("Remove this certificate?")
_BINNED = _("In the recycle bin. It can be restored from there.")
_NO_TRACE = _("Remove this relation? It is as if it had never been; to keep the past, end it instead.")
_INTO_BIN = _("The customer goes into the recycle bin with all that belongs to it and can be restored.")
_FOR_GOOD = _(
    "Name, contacts, addresses, certificates, notes, files and what the audit trail says of this customer become "
    "unreadable for good. Nobody can restore them. The sums of what was bought stay."
)
DIALOGS: dict[str, Dialog] = {
    "add_contact": Dialog(_("Contact point added.")),
    "change_contact": Dialog(_("Contact point changed."), "contact", _part("contacts", "changes.")),
    "remove_contact": Dialog(_("Contact point removed."), "contact", text=_REMOVE_CONTACT, submit=REMOVE),
    "add_address": Dialog(_("Address added.")),
    "change_address": Dialog(_("Address changed."), "address", _part("addresses", "changes.")),
    "remove_address": Dialog(_("Address removed."), "address", text=_("Remove this address?"), submit=REMOVE),
    "add_certificate": Dialog(_("Certificate added.")),
    "remove_certificate": Dialog(_("Certificate removed."), "certificate", text=_REMOVE_PAPER, submit=REMOVE),
    "relate": Dialog(_("Relation added."), picker="other"),
    "end_relation": Dialog(_("Relation ended."), "relation"),
    "unrelate": Dialog(_("Relation removed."), "relation", text=_NO_TRACE, submit=REMOVE),
    "add_key_person": Dialog(_("Key person added."), picker="person"),
    "add_note": Dialog(_("Note saved.")),
    "change_note": Dialog(_("Note changed."), "note", _part("notes", "")),
    "remove_note": Dialog(_("Note removed."), "note", text=_("Remove this note?"), submit=REMOVE),
    "remove_file": Dialog(_("File removed."), "file", text=_("Remove this file?"), submit=REMOVE),
    "tag": Dialog(_("Tagged."), many=True),
    "untag": Dialog(_("Tags removed."), initial=_tags, many=True, submit=REMOVE),
    "assign": Dialog(_("Assigned."), initial=_holder, many=True),
    "erase": Dialog(_("The personal data were erased."), text=_FOR_GOOD, submit=_("Erase for good")),
    "delete": Dialog(_BINNED, text=_INTO_BIN, submit=_("Put into the recycle bin")),
}  # fmt: skip


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, customer: UUID, verb: str, item: UUID | None = None) -> HttpResponse:
    """GET: the dialog of the action. POST: act, and show the page as it is then."""
    context = context_of(request)
    dialog, action = DIALOGS.get(verb), deed(f"customers.{verb}") if verb in DIALOGS else None
    if dialog is None or action is None or (bool(dialog.item) != (item is not None)):
        raise NotFound()
    context.require(action.permission)
    target = next(iter(action.parameters.model_fields))
    found = card(context, customer)
    initial = dialog.initial(found, item or customer) if dialog.initial else {}
    form = parameter_form(
        action, request.POST if request.method == "POST" else None, initial=initial,
        skip=[target, dialog.item, *dialog.skip], known=vocabulary(context),
    )  # fmt: skip
    version = form.fields.pop("version", None) and form.parts.pop("version", None)
    if request.method == "POST":
        given: dict[str, Any] = {**_kept(form, initial), target: [customer] if dialog.many else customer}
        if dialog.item:
            given[dialog.item] = item
        if version is not None and request.POST.get("version", "").isdigit():
            given["version"] = int(request.POST["version"])
        try:
            run(action.name, context, given)
            return _after(request, customer, verb, dialog)
        except (Invalid, Conflict) as refusal:
            _say(form, refusal)
    return _dialog(request, found, action, dialog, form, item, initial.get("version"))


def _kept(form: ParameterForm, initial: Mapping[str, Any]) -> dict[str, Any]:
    """The payload; of changes only those that differ from what was there, so that a masked value stays."""
    payload = payload_of(form)
    changes = payload.get("changes")
    if isinstance(changes, dict):
        same = {
            key for key, value in changes.items()
            if value in (None, "") and initial.get(f"changes.{key}") in (None, "")
        }  # fmt: skip
        payload["changes"] = {key: value for key, value in changes.items() if key not in same}
    return payload


def _say(form: ParameterForm, refusal: Invalid | Conflict) -> None:
    if isinstance(refusal, Invalid):
        put_problems(form, refusal)
    else:
        form.is_valid()
        form.add_error(None, problem_text(refusal))


def _after(request: HttpRequest, customer: UUID, verb: str, dialog: Dialog) -> HttpResponse:
    context = context_of(request)
    if verb not in ("delete", "erase"):
        return done(request, context, customer, dialog.done)
    if not request.headers.get("HX-Request"):
        return redirect("customers")
    messages.success(request, str(dialog.done))
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("customers")})


def _dialog(
    request: HttpRequest,
    found: CustomerCard,
    action: Deed,
    dialog: Dialog,
    form: ParameterForm,
    item: UUID | None,
    version: Any,
) -> HttpResponse:
    kwargs = {"customer": found.id, "verb": action.verb, **({"item": item} if item else {})}
    values = {
        "form": form, "deed": action, "dialog": dialog, "version": version, "title": action.label, "card": found,
        "customer_title": title_of(found),
        "url": reverse("customer_act_item" if item else "customer_act", kwargs=kwargs),
        "danger": action.danger or action.verb.startswith(("remove", "un", "delete", "erase")),
        "picker": form[dialog.picker] if dialog.picker else None, "pick_url": reverse("customer_pick"),
    }  # fmt: skip
    name = "customers/act.html" if request.headers.get("HX-Request") else "customers/act_page.html"
    return render(request, name, values, status=422 if form.errors else 200)
