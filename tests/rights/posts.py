"""One person at every address that takes a form: whoever may not is refused there, and nothing is written.

What an address does is said here once, as the action behind it; the permission is that of the action, the rest is the
oracle's. Forms are sent to addresses that are not named here too: they may answer as a page does, but write nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.rights.bought import Office
from tests.rights.pages import OPENED_BY, Fill, Place, Visitor, fills, opened, places
from zhike.kernel.actions import deed

# The action behind each address that takes a form; {verb} is the part of that name.
DEEDS = {
    "customer_new": "customers.create", "customer_warn": "customers.warn_duplicates",
    "customers_restore": "customers.restore", "customer_unmerge": "customers.unmerge",
    "duplicates_search": "customers.find_duplicates", "customer_not_duplicate": "customers.not_duplicate",
    "customers_cell": "customers.update", "customers_bulk": "customers.{verb}", "customers_view_new": "views.save",
    "customers_view": "views.change", "customers_view_remove": "views.delete", "customer_edit": "customers.update",
    "customer_section": "customers.update", "customer_organisation": "customers.set_organisation_facts",
    "customer_merge": "customers.merge", "customer_upload": "customers.add_file", "customer_act": "customers.{verb}",
    "customer_act_item": "customers.{verb}", "customer_reveal": "customers.reveal",
    "customer_reveal_item": "customers.reveal", "import_new": "feeds.upload", "import_file": "feeds.set_options",
    "import_columns": "feeds.map", "import_check": "feeds.check", "import_start": "feeds.start",
    "import_stop": "jobs.cancel", "import_retry": "jobs.retry", "import_undo": "feeds.undo",
    "export_new": "feeds.export", "value_score": "insight.score", "value_policy": "insight.set_policy",
    "purchases": "feeds.import_purchases", "purchase_continue": "feeds.continue_purchases",
    "purchase_undo": "feeds.undo_purchases", "job_stop": "jobs.cancel", "job_retry": "jobs.retry",
    "user_new": "staff.create", "user_change": "staff.change", "user_roles": "staff.set_roles",
    "user_password": "staff.reset_password", "user_do": "staff.{verb}", "unit_new": "units.create",
    "unit_change": "units.rename", "unit_remove": "units.remove", "field_new": "fields.define",
    "field": "fields.change", "field_retire": "fields.retire", "field_preview": "fields.define",
    "token_new": "tokens.create", "token_revoke": "tokens.revoke", "audit_verify": "audit.verify",
}  # fmt: skip
# What everybody may do for themselves, and what only says whether a number can be right.
FREE = {"profile", "customer_check", "customers_widths"}
# Reading is enough for these.
BY_READING = {"customer_reveal", "customer_reveal_item", "customer_not_duplicate", "customer_warn"}
REFUSED = {403, 404, 405}


def _form(office: Office, record: UUID) -> dict[str, Any]:
    """A form that serves everywhere: what an address does not know it passes over."""
    world = office.company.world
    return {
        "name": "改了", "value": "改了", "ids": str(record), "sure": "1", "tags": "改了", "text": "改了",
        "reason": "客户来电", "phone": "13912345678", "part": "decider", "type": "referrer", "number": "X7654321",
        "key": "traits", "industry": "改了", "legal_name": "改了", "other": str(record), "until": "2026-03-01",
        "owner": str(world.rep.id), "unit": str(world.shanghai.id), "grade": "key", "username": "neu",
        "roles": "administrator", "days": "30", "scopes": "customers.read", "format": "csv", "kind": "person",
        "contact.value": "13912345678", "address.text": "上海市南京路1号", "certificate.number": "X7654321",
        "certificate.type": "other", "changes.purpose": "work", "rule": "skip", "parent": "", "region": "改了",
        "encoding": "utf-8", "preset": "cdnow", "source": "shop", "note": "改了", "field.name": "absorbed",
        "verb": "disable", "r": "5", "resource": "customers", "label_zh": "改了", "label_en": "changed",
    }  # fmt: skip


def _wanted(visitor: Visitor, place: Place, fill: Fill) -> bool:
    """Whether the policy lets somebody do this, as far as the address tells."""
    office, reader = visitor.office, visitor.watch.reader
    name = DEEDS[place.name].format(**fill)
    if not reader.permitted(deed(name).permission):
        return False
    if any(part in fill and not opened(visitor, part) for part in OPENED_BY):
        return False
    for part in {"customer", "record", "left"} & set(fill):
        row = office.company.rows[fill[part]]
        if not reader.sees(row, "read" if place.name in BY_READING else "write"):
            return False
    return True


def _targets(visitor: Visitor, place: Place) -> list[UUID]:
    """A record that is hidden and one that may only be read, where the address names one."""
    rows, reader = visitor.office.company.rows, visitor.watch.reader
    records = list(rows)
    if not {"customer", "record", "left", "verb"} & set(place.parts) and place.name != "customers_restore":
        return records[:1]
    found = [next((each for each in records if not reader.sees(rows[each])), None)]
    found.append(
        next(
            (each for each in records if reader.sees(rows[each]) and not reader.sees(rows[each], "write")),
            None,
        )
    )
    return [each for each in found if each is not None] or records[:1]


def _bulk(visitor: Visitor, place: Place, record: UUID) -> bool:
    """Whether a form names a record that the person may not change."""
    named = place.name in ("customers_bulk", "customers_restore")
    return named and not visitor.watch.reader.sees(visitor.office.company.rows[record], "write")


def tries(visitor: Visitor) -> Iterator[tuple[Place, Fill, UUID]]:
    """Everything that is to be refused to somebody, with the record it is about."""
    for place in places():
        if place.of_account or place.name in FREE:
            continue
        for record in _targets(visitor, place):
            for fill in fills(place, visitor.office, record):
                free = place.name in DEEDS and _wanted(visitor, place, fill)
                if not free or _bulk(visitor, place, record):
                    yield place, fill, record


def refused(visitor: Visitor) -> None:
    """Send every form that is to be refused; anything but a refusal is written down, and what it tells too much."""
    for place, fill, record in tries(visitor):
        if place.name == "customers_cell" and fill["field"] not in ("name", "industry", "phone"):
            continue
        files = {name: SimpleUploadedFile("a.csv", "姓名\n甲\n".encode()) for name in ("file", "content")}
        form = {**_form(visitor.office, record), **files}
        url = reverse(place.name, kwargs=dict(fill))
        answer = visitor.client.post(url, form)
        visitor.asked += 1
        told = [str(each) for each in fill.values()] + [str(each) for each in form.values()]
        visitor.look(f"GET {place.name} by POST", answer, told=told)
        # A dialog that comes back with what is wrong in it has refused too, as long as it says so.
        allowed = REFUSED | ({422} if place.name == "customers_bulk" else set())
        if place.name in DEEDS and answer.status_code not in allowed:
            visitor.watch.found(f"POST {place.name} {fill}", f"not refused: {answer.status_code}")


def unknown_parts() -> list[str]:
    """Names in the tables above that no address bears."""
    known = {place.name for place in places()}
    return sorted({*DEEDS, *FREE} - known)
