"""One condition language: a small typed tree, compiled for the database, the warehouse and memory alike."""

from zhike.kernel.conditions.describe import describe
from zhike.kernel.conditions.parse import parse_condition
from zhike.kernel.conditions.to_python import holds, to_python
from zhike.kernel.conditions.to_q import fields_of, to_q
from zhike.kernel.conditions.tree import All, Condition, Either, Has, Negated, Test

__all__ = [
    "All",
    "Condition",
    "Either",
    "Has",
    "Negated",
    "Test",
    "describe",
    "fields_of",
    "holds",
    "parse_condition",
    "to_python",
    "to_q",
]
