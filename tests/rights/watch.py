"""One reader at every reading door, with an eye on each value that comes out."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson

from tests.rights.canaries import Company, leaves, token
from tests.rights.oracle import HIDDEN, MASKED, READ
from zhike.api.dispatch import Call, dispatch
from zhike.customers.queries import CUSTOMERS
from zhike.kernel.actions import Deed, deeds
from zhike.kernel.conditions.tree import OPERATORS, Op
from zhike.kernel.doors import problem, route_of
from zhike.kernel.errors import Refusal
from zhike.kernel.fields import Field, Kind
from zhike.kernel.search import search_everything
from zhike.kernel.text import as_json

# Which line of roles.yaml governs each kind of related records.
RELATED = {
    "phones": "phone", "emails": "email", "social_ids": "social", "addresses": "address", "tags": "tag",
    "roles": "roles", "related_to": "relation", "related_from": "relation", "certificates": "certificate",
    "notes": "note", "external_ids": "external_id",
}  # fmt: skip
# Doors that speak of deleted records too, to whoever may see their rows.
SPEAKS_OF_GONE = ("customers.bin", "audit.list", "customer_bin", "audit ")
_CURSOR_KEYS = ("next", "previous")
_WORD = re.compile(r"zq\d\d[a-z_]+")


class Watch:
    """Somebody who reads; `leaks` gathers what should not have come out, as (door, what)."""

    def __init__(self, company: Company, name: str) -> None:
        self.company, self.name = company, name
        self.reader = company.reader(name)
        self.visible = self.reader.visible(company.rows)
        self.context = company.world.context(company.people[name], channel="api")
        self.leaks: list[tuple[str, str]] = []
        forbidden = company.forbidden(self.reader)
        self._texts = {one.text: one.field for one in forbidden}
        # Most canaries begin with a word of their own: an answer without the word need not be searched for them.
        self._by_word: dict[str, list[str]] = {}
        for text in self._texts:
            start = _WORD.match(text)
            self._by_word.setdefault(start[0] if start else "", []).append(text)
        live = {
            record: type(row)(row.owner, row.unit, row.shares)
            for record, row in company.rows.items()
            if row.gone
        }
        in_bin = {record for record, row in live.items() if self.reader.sees(row)}
        self._texts_of_gone = {
            one.text for one in company.canaries
            if one.record in in_bin and self.reader.level(one.field) >= one.needs
        }  # fmt: skip

    def found(self, door: str, what: str) -> None:
        """Write down a leak."""
        self.leaks.append((door, what))

    def texts(self) -> Iterable[str]:
        """Everything that must not come out."""
        return self._texts

    def look(self, door: str, answer: Any, *, told: Iterable[str] = ()) -> None:
        """Write down every canary in an answer that the reader may not see. `told` came from the reader."""
        text = answer if isinstance(answer, str) else "\n".join([*leaves(answer), *_opened(answer)])
        spared = set(told) | (self._texts_of_gone if door.startswith(SPEAKS_OF_GONE) else set())
        words = set(_WORD.findall(text))
        likely = [each for word, some in self._by_word.items() if not word or word in words for each in some]
        for canary in likely:
            if canary in text and canary not in spared:
                field = self._texts[canary]
                self.found(door, f"{field}: {canary}")

    def ask(self, path: str, query: Mapping[str, str]) -> tuple[int, Any]:
        """One GET of the API: status and body, a refusal as its problem document."""
        door = f"GET {path} {dict(query)}"
        try:
            reply = dispatch(self.context, Call("GET", path, query, {}))
        except Refusal as refusal:
            self.look(door, problem(refusal), told=query.values())
            return refusal.status, problem(refusal)
        self.look(door, reply.body)
        return 200, reply.body

    def listed(self, want: int | None = None, **query: Any) -> set[UUID]:
        """A list. `want` is the right on the field it turns on: below READ it must be refused as hidden."""
        texts = {
            name: value if isinstance(value, str) else orjson.dumps(value).decode()
            for name, value in query.items()
        }
        status, body = self.ask("/customers", {"size": "500", **texts})
        if want is not None and want < READ:
            if (status, body["code"] if status != 200 else "") != (403, "field_hidden"):
                self.found(f"list {texts}", f"a hidden field was not refused: {status}")
            return set()
        if status != 200:
            if status == 403:
                self.found(f"list {texts}", "a readable field was refused")
            return set()
        ids = [UUID(row["id"]) for row in body["items"]]
        if body["next"] is None and "cursor" not in texts and body["count"]["number"] != len(ids):
            self.found(f"list {texts}", f"counts {body['count']} of {len(ids)}")
        return set(ids)


def _opened(answer: Any) -> Iterator[str]:
    """What the cursors of an answer carry."""
    if isinstance(answer, Mapping):
        for key in _CURSOR_KEYS:
            raw = answer.get(key)
            if isinstance(raw, str):
                yield base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)).decode()


def _fields() -> dict[str, Field]:
    return CUSTOMERS.all_fields()


def _right_to_show(watch: Watch, name: str) -> int:
    """The right that a column is judged by: a masked one is shown masked, a hidden one refused."""
    return READ if watch.reader.level(name) > HIDDEN else HIDDEN


def columns(watch: Watch) -> None:
    """Every field as a column, alone and all together; the rows are exactly those of the oracle."""
    names = list(_fields())
    for name in names:
        want = _right_to_show(watch, name)
        ids = watch.listed(want, fields=name)
        if want >= READ and ids != watch.visible:
            watch.found(f"column {name}", f"{len(ids)} rows instead of {len(watch.visible)}")
    shown = [name for name in names if watch.reader.level(name) > HIDDEN]
    watch.listed(fields=",".join(shown))
    for record in watch.company.rows:
        status, _body = watch.ask(f"/customers/{record}", {})
        if (status == 200) != (record in watch.visible) or status not in (200, 404):
            watch.found(f"record {record}", f"answers {status}")


def sorts(watch: Watch) -> None:
    """Every field as a sort in both directions, page by page, with a look into the cursors."""
    for name, item in _fields().items():
        for sort in (name, f"-{name}"):
            want = watch.reader.level(name)
            if want < READ or not item.sortable:
                watch.listed(want, sort=sort)
                continue
            seen: list[str] = []
            cursor: str | None = ""
            while cursor is not None and len(seen) <= len(watch.company.rows):
                status, body = watch.ask(
                    "/customers", {"sort": sort, "size": "9", "fields": "number", "cursor": cursor}
                )
                if status != 200:
                    break
                seen += [row["id"] for row in body["items"]]
                cursor = body["next"]
            if sorted(seen) != sorted(str(each) for each in watch.visible):
                watch.found(f"sort {sort}", "pages do not add up to what is visible")


def _value(watch: Watch, item: Field, record: UUID) -> Any:
    """A value of the field that this record holds, or one of its kind."""
    cells = watch.company.texts[record]
    if item.choices:
        return str(item.choices[0].value)
    if item.name == "number":
        return watch.company.numbers[record]
    if item.kind in (Kind.NUMBER, Kind.MONEY):
        return float(cells.get(item.name, "50"))
    if item.kind == Kind.DATE:
        return cells.get(item.name, "1960-01-01")
    if item.kind == Kind.MOMENT:
        return "2025-06-01T00:00:00+08:00"
    if item.kind == Kind.REFERENCE:
        row = watch.company.rows[record]
        return str((row.owner if item.name == "owner" else row.unit) or watch.company.world.rep.id)
    return cells.get(item.name, token(1, item.name))


def _tests(watch: Watch, item: Field, record: UUID) -> Iterator[dict[str, Any]]:
    one = _value(watch, item, record)
    for op in OPERATORS[item.kind]:
        value: Any = one
        if op in (Op.EMPTY, Op.NOT_EMPTY):
            value = None
        elif op in (Op.IN, Op.NOT_IN, Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE):
            value = [one]
        elif op == Op.BETWEEN:
            value = [one, one]
        elif op in (Op.LAST_DAYS, Op.NOT_LAST_DAYS, Op.NEXT_DAYS):
            value = 90
        elif op in (Op.CONTAINS, Op.STARTS, Op.ENDS):
            text = str(one)
            value = text[:4] if op == Op.STARTS else text[-4:] if op == Op.ENDS else text[1:-1]
        yield {"field": item.name, "op": op.value} | ({} if value is None else {"value": value})


def _somebody_hidden(watch: Watch) -> UUID:
    """A record that the reader does not see, or any where all are seen."""
    return next(
        (each for each in watch.company.rows if each not in watch.visible), next(iter(watch.company.rows))
    )


def filters(watch: Watch) -> None:
    """Every operator on every field with a value of a hidden record, and every kind of related records."""
    record = _somebody_hidden(watch)
    for name, item in _fields().items():
        for test in _tests(watch, item, record):
            watch.listed(watch.reader.level(name), where=test, fields="number")
    for name, relation in CUSTOMERS.relations.items():
        want = watch.reader.level(RELATED[name])
        for quantity in ("any", "none"):
            watch.listed(want, where={quantity: name}, fields="number")
        for item in relation.fields.values():
            for test in list(_tests(watch, item, record))[:: 1 if want >= READ else 4]:
                watch.listed(want, where={"any": name, "where": test}, fields="number")


def _search_texts(company: Company, record: UUID) -> Iterator[tuple[str, str, bool]]:
    """(field, text, whether a reader of masks may find by it) for everything one could type about a record."""
    cells = company.texts[record]
    name, phone, mail, paper = (cells[key] for key in ("name", "phone", "email", "certificate"))
    yield from (("name", name, True), ("name", name[:2], False), ("name", name[1:], False))
    yield from (("name", cells["english_name"].split()[0], False), ("name", cells["legal_name"][:6], False))
    for number in (phone, cells["second"]):
        yield from (("phone", number, True), ("phone", number[-4:], True), ("phone", number[:7], False))
        yield from (("phone", number[4:9], False), ("phone", number[-7:], False))
    yield from (
        ("email", mail, True),
        ("email", mail[:7], False),
        ("email", "@" + mail.partition("@")[2], False),
    )
    yield from (("certificate", paper, True), ("certificate", paper[:8], False))
    yield ("number", company.numbers[record], True)
    for cell in ("note", "tags", "street", "wechat", "external_id", "zqtext", "fact", "oldname", "oldphone"):
        yield ("*", cells[cell], False)


def searches(watch: Watch) -> None:
    """Everything one could type about records: by the list and by the search over everything."""
    hidden = [each for each in watch.company.rows if each not in watch.visible]
    seen = sorted(watch.visible)
    for record in [*hidden[::4], *hidden[-1:], *seen[:3]]:
        for field, text, by_mask in _search_texts(watch.company, record):
            ids = watch.listed(q=text, fields="number")
            found = search_everything(watch.context, text, 50)
            watch.look(
                f"search {text}", as_json([[str(one.id), one.title, one.subtitle, one.url] for one in found])
            )
            ids |= {one.id for one in found}
            least = READ if field == "*" or not by_mask else MASKED
            if field != "*" and record in ids and watch.reader.level(field) < least:
                watch.found(f"search {text}", f"{field} found {record}")
            openly = record in watch.visible and watch.reader.level(field) >= READ
            if field != "*" and by_mask and openly and record not in ids:
                watch.found(f"search {text}", f"a visible record was not found by its {field}")


Payloads = Callable[[Company, UUID], Iterator[dict[str, Any]]]


def _certificates(company: Company, record: UUID) -> Iterator[dict[str, Any]]:
    yield {"number": company.texts[record]["certificate"]}


def _typed(company: Company, record: UUID) -> Iterator[dict[str, Any]]:
    cells = company.texts[record]
    for key in ("name", "phone", "email", "certificate"):
        yield {key: cells[key]}
    yield {"name": cells["name"], "phone": cells["second"], "address": cells["street"]}


def _shared(_company: Company, record: UUID) -> Iterator[dict[str, Any]]:
    yield {"resource": "customers", "record": str(record)}


def _audited(_company: Company, record: UUID) -> Iterator[dict[str, Any]]:
    yield {"record": str(record), "limit": 200}


_PAYLOADS: dict[str, Payloads] = {
    "customers.find_by_certificate": _certificates, "customers.warn_duplicates": _typed,
    "sharing.list": _shared, "audit.list": _audited,
}  # fmt: skip


def _payloads(company: Company, item: Deed) -> Iterator[dict[str, Any]]:
    if item.name in _PAYLOADS:
        for record in company.rows:
            yield from _PAYLOADS[item.name](company, record)
        return
    needed = [name for name, part in item.parameters.model_fields.items() if part.is_required()]
    if not needed:
        yield {}
        return
    for record in company.rows:
        yield {name: str(record) for name in needed}


def queries(watch: Watch) -> None:
    """Every registered query about every record, as the API answers it."""
    for item in deeds():
        if item.writes:
            continue
        path = route_of(item).path
        for payload in _payloads(watch.company, item):
            record = payload.pop(item.target, None) if item.target else None
            where = path.replace(f"{{{item.target}}}", str(record))
            _one_query(watch, item, where, payload, record)


def _one_query(watch: Watch, item: Deed, path: str, payload: dict[str, Any], record: str | None) -> None:
    texts = {key: value if isinstance(value, str) else str(value) for key, value in payload.items()}
    try:
        reply = dispatch(watch.context, Call("GET", path, texts, {}))
    except Refusal as refusal:
        watch.look(f"{item.name} {record}", problem(refusal), told=[*texts.values(), str(record)])
        if not watch.reader.permitted(item.permission):
            status = 403
        elif item.resource == "customers" and record and UUID(record) not in watch.visible:
            status = 404
        else:
            return
        if refusal.status != status:
            watch.found(f"{item.name} {record}", f"refused with {refusal.status}, not {status}")
        return
    if not watch.reader.permitted(item.permission):
        watch.found(item.name, "answered without the permission")
    watch.look(f"{item.name} {record} {texts}", reply.body)


DOORS: dict[str, Callable[[Watch], None]] = {
    "columns": columns, "sorts": sorts, "filters": filters, "searches": searches, "queries": queries,
}  # fmt: skip
