"""The reads of the customers room."""

from zhike.customers.addresses import Place, find_place, postcode_in, split_address
from zhike.customers.certificates import NotACertificateError, normalise_certificate, told_by
from zhike.customers.organisation_keys import ORGANISATION_FACTS
from zhike.customers.phones import NotAPhoneError, normalise_phone, show_phone
from zhike.customers.quality import ITEMS as QUALITY_ITEMS
from zhike.customers.queries.bin import BinnedView, recycle_bin
from zhike.customers.queries.card import card
from zhike.customers.queries.duplicates import duplicate_pairs, duplicates_of, warn_duplicates
from zhike.customers.queries.known import Known, known_by_external, known_by_number, known_customers
from zhike.customers.queries.lookups import (
    FileContent,
    WarehouseRow,
    absorbed_ids,
    canonical_ids,
    find_by_certificate,
    ids_by_external,
    ids_in_bin_by_external,
    names_of,
    open_file,
    tags,
    timeline,
    warehouse_rows,
)
from zhike.customers.queries.people import Edge, Node, RelationGraph, key_persons, relation_graph
from zhike.customers.resource import CUSTOMERS
from zhike.customers.scores import DEFINITIONS as SCORE_DEFINITIONS
from zhike.customers.scores import ScoreDefinition

__all__ = [
    "CUSTOMERS",
    "ORGANISATION_FACTS",
    "QUALITY_ITEMS",
    "SCORE_DEFINITIONS",
    "BinnedView",
    "Edge",
    "FileContent",
    "Known",
    "Node",
    "NotACertificateError",
    "NotAPhoneError",
    "Place",
    "RelationGraph",
    "ScoreDefinition",
    "WarehouseRow",
    "absorbed_ids",
    "canonical_ids",
    "card",
    "duplicate_pairs",
    "duplicates_of",
    "find_by_certificate",
    "find_place",
    "ids_by_external",
    "ids_in_bin_by_external",
    "key_persons",
    "known_by_external",
    "known_by_number",
    "known_customers",
    "names_of",
    "normalise_certificate",
    "normalise_phone",
    "open_file",
    "postcode_in",
    "recycle_bin",
    "relation_graph",
    "show_phone",
    "split_address",
    "tags",
    "timeline",
    "told_by",
    "warehouse_rows",
    "warn_duplicates",
]
