"""Values of fields inside the database: what a user-defined value in JSON is as SQL, the same on both databases.

User-defined values live in a JSON object: numbers as numbers, days as ISO text, moments as ISO text in UTC with
microseconds (so that text order is time order), ids as text, several choices as a list. A value of another type than
its field has counts as missing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Case, DecimalField, F, Func, JSONField, TextField, Value, When
from django.db.models.expressions import Combinable

from zhike.kernel.fields import Field, Kind

_POSTGRES = {
    "number": "CASE WHEN jsonb_typeof({0}) = 'number' THEN ({0} #>> '{{}}')::numeric END",
    "boolean": "CASE WHEN jsonb_typeof({0}) = 'boolean' THEN ({0} #>> '{{}}')::boolean END",
    "array": "CASE WHEN jsonb_typeof({0}) = 'array' THEN {0} END",
    "string": "CASE WHEN jsonb_typeof({0}) = 'string' THEN ({0} #>> '{{}}') COLLATE \"C\" END",
}
_SQLITE = {
    "number": "'integer', 'real'",
    "boolean": "'true', 'false'",
    "array": "'array'",
    "string": "'text'",
}
_OUTPUT = {"number": DecimalField, "boolean": BooleanField, "array": JSONField, "string": TextField}


def json_type(kind: Kind) -> str:
    """The JSON type that values of a kind are stored as."""
    if kind in (Kind.NUMBER, Kind.MONEY):
        return "number"
    return {Kind.YES_NO: "boolean", Kind.CHOICES: "array"}.get(kind, "string")


class CustomValue(Func):
    """The value of a user-defined field as SQL of its type, NULL where it is missing or of another type."""

    def __init__(self, field: Field) -> None:
        head, key = field.path.rsplit("__", 1)
        super().__init__(F(head))
        self.key, self.type = key, json_type(field.kind)
        output: Any = _OUTPUT[self.type]
        self.output_field = output(max_digits=30, decimal_places=10) if self.type == "number" else output()

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        inner = f"({column} -> %s)"
        sql = _POSTGRES[self.type].format(inner)
        return f"({sql})", [*params, self.key] * sql.count(inner)

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        path = f'$."{self.key}"'
        sql = f"(CASE WHEN JSON_TYPE({column}, %s) IN ({_SQLITE[self.type]}) THEN JSON_EXTRACT({column}, %s) END)"
        return sql, [*params, path] * 2


class Number(Value):
    """A number to compare with: exact on PostgreSQL; on SQLite, whose columns hold doubles, a number and not text."""

    def __init__(self, value: Decimal) -> None:
        super().__init__(value, output_field=DecimalField(max_digits=30, decimal_places=10))

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        return "%s::numeric", [self.value]

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        whole = self.value == self.value.to_integral_value()
        return "%s", [int(self.value) if whole else float(self.value)]


class Listed(Func):
    """Whether a JSON list holds a choice. NULL where there is no list."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, values: Combinable, choice: str) -> None:
        super().__init__(values)
        self.choice = choice

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        return f"({column}) @> jsonb_build_array(%s::text)", [*params, self.choice]

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        sql = f"EXISTS (SELECT 1 FROM json_each({column}) AS item WHERE item.value = %s)"  # noqa: S608
        return sql, [*params, self.choice]


class Listing(Func):
    """How many entries a JSON list has; NULL where there is none."""

    output_field = DecimalField(max_digits=10, decimal_places=0)

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        sql = f"(CASE WHEN jsonb_typeof({column}) = 'array' THEN jsonb_array_length({column}) END)"
        return sql, [*params, *params]

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        sql = f"(CASE WHEN JSON_TYPE({column}) = 'array' THEN JSON_ARRAY_LENGTH({column}) END)"
        return sql, [*params, *params]


def flag(condition: Any) -> Case:
    """A condition as plain true or false, never unknown."""
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def expression(field: Field) -> Any:
    """The field's value on the resource's model."""
    return CustomValue(field) if field.custom else F(field.path)


def moment_text(value: datetime) -> str:
    """A moment as user-defined values keep it: ISO text in UTC, always with microseconds."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def stored(field: Field, value: Any) -> Any:
    """A typed value in the form to compare the field with."""
    if field.kind in (Kind.NUMBER, Kind.MONEY):
        return Number(Decimal(value))
    if not field.custom:
        return value
    if isinstance(value, datetime):
        return moment_text(value)
    if field.kind == Kind.YES_NO:
        return bool(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
