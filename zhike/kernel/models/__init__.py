"""Tables of the kernel. Private: other rooms use the functions of `zhike.kernel`."""

from zhike.kernel.models.access import ApiToken, Share
from zhike.kernel.models.fact import Block, Cursor, Fact, Redaction
from zhike.kernel.models.field_definition import FieldDefinition, UniqueValue
from zhike.kernel.models.job import Job
from zhike.kernel.models.request import Counter, IdempotencyKey
from zhike.kernel.models.search import SearchEntry
from zhike.kernel.models.staff import Unit, User
from zhike.kernel.models.view import SavedView

__all__ = [
    "ApiToken",
    "Block",
    "Counter",
    "Cursor",
    "Fact",
    "FieldDefinition",
    "IdempotencyKey",
    "Job",
    "Redaction",
    "SavedView",
    "SearchEntry",
    "Share",
    "UniqueValue",
    "Unit",
    "User",
]
