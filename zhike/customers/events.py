"""The facts that customers announce: what subscribers may listen to.

Each fact is about one customer (`record_id`), but for `customers.scored`, which is about one run of insight.
"""

from __future__ import annotations

KINDS: frozenset[str] = frozenset(
    {
        "customers.absorbed",
        "customers.address_added",
        "customers.address_changed",
        "customers.address_removed",
        "customers.assigned",
        "customers.certificate_added",
        "customers.certificate_removed",
        "customers.classified",
        "customers.contact_added",
        "customers.contact_changed",
        "customers.contact_removed",
        "customers.created",
        "customers.deleted",
        "customers.erased",
        "customers.external_id_set",
        "customers.file_added",
        "customers.file_removed",
        "customers.merged",
        "customers.not_duplicate",
        "customers.note_added",
        "customers.note_changed",
        "customers.note_removed",
        "customers.organisation_facts_set",
        "customers.related",
        "customers.relation_ended",
        "customers.removed",
        "customers.restored",
        "customers.revealed",
        "customers.scored",
        "customers.service_password_checked",
        "customers.service_password_set",
        "customers.tagged",
        "customers.unmerged",
        "customers.unrelated",
        "customers.untagged",
        "customers.updated",
    }
)
