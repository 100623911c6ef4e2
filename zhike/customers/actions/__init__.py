"""The writes of the customers room."""

from zhike.customers.actions.bin import delete, delete_many, restore
from zhike.customers.actions.certificates import Revealed, add_certificate, remove_certificate, reveal
from zhike.customers.actions.classify import Changed, assign, classify, tag, untag
from zhike.customers.actions.contacts import (
    Added,
    add_address,
    add_contact,
    change_address,
    change_contact,
    remove_address,
    remove_contact,
)
from zhike.customers.actions.create import Created, create, create_from
from zhike.customers.actions.duplicates import find_duplicates, not_duplicate
from zhike.customers.actions.erase import Erased, erase
from zhike.customers.actions.files import add_file, remove_file
from zhike.customers.actions.intake import (
    Removed,
    TakenOver,
    remove_unchanged,
    store_prepared,
    take_back,
    take_over,
)
from zhike.customers.actions.many import CreatedMany, create_many, prepare_many, settle_many
from zhike.customers.actions.merge import Kept, Merged, Unmerged, merge, unmerge
from zhike.customers.actions.notes import add_note, change_note, remove_note
from zhike.customers.actions.organisation import set_external_id, set_organisation_facts
from zhike.customers.actions.passwords import check_service_password, set_service_password
from zhike.customers.actions.relations import add_key_person, end_relation, relate, unrelate
from zhike.customers.actions.scores import ScoreColumn, ScoresWritten, write_scores
from zhike.customers.actions.update import update

__all__ = [
    "Added",
    "Changed",
    "Created",
    "CreatedMany",
    "Erased",
    "Kept",
    "Merged",
    "Removed",
    "Revealed",
    "ScoreColumn",
    "ScoresWritten",
    "TakenOver",
    "Unmerged",
    "add_address",
    "add_certificate",
    "add_contact",
    "add_file",
    "add_key_person",
    "add_note",
    "assign",
    "change_address",
    "change_contact",
    "change_note",
    "check_service_password",
    "classify",
    "create",
    "create_from",
    "create_many",
    "delete",
    "delete_many",
    "end_relation",
    "erase",
    "find_duplicates",
    "merge",
    "not_duplicate",
    "prepare_many",
    "relate",
    "remove_address",
    "remove_certificate",
    "remove_contact",
    "remove_file",
    "remove_note",
    "remove_unchanged",
    "restore",
    "reveal",
    "set_external_id",
    "set_organisation_facts",
    "set_service_password",
    "settle_many",
    "store_prepared",
    "tag",
    "take_back",
    "take_over",
    "unmerge",
    "unrelate",
    "untag",
    "update",
    "write_scores",
]
