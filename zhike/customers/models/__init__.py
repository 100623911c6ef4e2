"""Tables of the customers room. Private: others come through its queries and actions."""

from zhike.customers.models.address import Address
from zhike.customers.models.certificate import Certificate, RevealQuota
from zhike.customers.models.contact_point import ContactPoint
from zhike.customers.models.duplicate import DuplicatePair, DuplicateRun, Merge
from zhike.customers.models.external_id import ExternalId
from zhike.customers.models.file_item import FileItem
from zhike.customers.models.note import Note
from zhike.customers.models.organisation_fact import OrganisationFact
from zhike.customers.models.party import Erasure, Party, PastValue, Role
from zhike.customers.models.relation import Relation
from zhike.customers.models.score import Score
from zhike.customers.models.service_password import ServicePassword
from zhike.customers.models.tag import PartyTag, Tag

__all__ = [
    "Address",
    "Certificate",
    "ContactPoint",
    "DuplicatePair",
    "DuplicateRun",
    "Erasure",
    "ExternalId",
    "FileItem",
    "Merge",
    "Note",
    "OrganisationFact",
    "Party",
    "PartyTag",
    "PastValue",
    "Relation",
    "RevealQuota",
    "Role",
    "Score",
    "ServicePassword",
    "Tag",
]
