"""What the facts about customers are called, with the drawing and tone of each."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from zhike.kernel.events import FactRead

FACTS: dict[str, tuple[Any, str, str]] = {
    "customers.created": (_("Put on file"), "user-plus", "success"),
    "customers.updated": (_("Facts changed"), "edit", "blue"),
    "customers.classified": (_("Classified"), "adjustments", "blue"),
    "customers.assigned": (_("Assigned"), "user-check", "indigo"),
    "customers.tagged": (_("Tagged"), "tag", "teal"),
    "customers.untagged": (_("Tags removed"), "tags", "grey"),
    "customers.note_added": (_("Note"), "note", "yellow"),
    "customers.note_changed": (_("Note changed"), "note", "yellow"),
    "customers.note_removed": (_("Note removed"), "note", "grey"),
    "customers.contact_added": (_("Contact point added"), "phone", "green"),
    "customers.contact_changed": (_("Contact point changed"), "phone", "blue"),
    "customers.contact_removed": (_("Contact point removed"), "phone-off", "grey"),
    "customers.address_added": (_("Address added"), "map-pin", "green"),
    "customers.address_changed": (_("Address changed"), "map-pin", "blue"),
    "customers.address_removed": (_("Address removed"), "map-pin", "grey"),
    "customers.certificate_added": (_("Certificate added"), "id", "green"),
    "customers.certificate_removed": (_("Certificate removed"), "id", "grey"),
    "customers.related": (_("Relation added"), "users", "purple"),
    "customers.relation_ended": (_("Relation ended"), "users", "grey"),
    "customers.unrelated": (_("Relation removed"), "users", "grey"),
    "customers.organisation_facts_set": (_("Organisation facts changed"), "building", "blue"),
    "customers.external_id_set": (_("Id in another system changed"), "link", "blue"),
    "customers.file_added": (_("File added"), "paperclip", "green"),
    "customers.file_removed": (_("File removed"), "paperclip", "grey"),
    "customers.merged": (_("Another record was merged in"), "git-merge", "purple"),
    "customers.absorbed": (_("Merged into another record"), "git-merge", "purple"),
    "customers.unmerged": (_("Merge taken back"), "arrow-back-up", "orange"),
    "customers.not_duplicate": (_("Said to be two different customers"), "arrows-split", "grey"),
    "customers.revealed": (_("A masked value was shown"), "eye", "orange"),
    "customers.deleted": (_("Put into the recycle bin"), "trash", "danger"),
    "customers.removed": (_("Removed with the import that brought it"), "trash", "danger"),
    "customers.erased": (_("Personal data erased"), "user-x", "danger"),
    "customers.restored": (_("Restored from the recycle bin"), "restore", "success"),
    "customers.scored": (_("Scores written"), "chart-bar", "grey"),
    "customers.service_password_set": (_("Service password set"), "key", "grey"),
    "customers.service_password_checked": (_("Service password checked"), "key", "grey"),
}
KINDS: tuple[tuple[str, Any, str], ...] = (
    ("", _("Everything"), ""),
    ("notes", _("Notes"), "customers.note_"),
    (
        "facts",
        _("Facts"),
        "customers.updated,customers.classified,customers.organisation,customers.external_id",
    ),
    ("reach", _("Contact"), "customers.contact_,customers.address_"),
    ("people", _("People"), "customers.relat,customers.unrelated,customers.assigned"),
    ("merges", _("Merges"), "customers.merged,customers.absorbed,customers.unmerged"),
    ("access", _("Access"), "customers.revealed,customers.service_password"),
)
LINES: dict[str, Any] = {
    "name": _("Name"), "phone": _("Phone"), "email": _("E-mail"), "social": _("Social id"), "address": _("Address"),
    "certificate": _("Certificate"), "tags": _("Tags"), "note": _("Note"), "file": _("File"),
    "organisation": _("Organisation facts"), "relation": _("Relation"), "external_id": _("Ids in other systems"),
    "consent": _("Consent"), "purpose": _("Purpose"),
}  # fmt: skip
CHANNELS: dict[str, Any] = {
    "api": _("through the API"), "cli": _("on the command line"), "mcp": _("by an agent"), "import": _("by an import"),
    "automation": _("by automation"),
}  # fmt: skip


def by_text(fact: FactRead) -> str:
    """Who did it, by name; the system has its name in the language of the page."""
    return pgettext("actor", "system") if fact.actor_kind == "system" else fact.actor_name
