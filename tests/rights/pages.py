"""One reader at every address of the screens: how each is filled, asked for, and what must not be in its answer.

The addresses come from the URL configuration itself. A part of an address that nobody knows how to fill fails the
sweep, so that a new screen cannot be forgotten.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID, uuid4

import orjson
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.rights.bought import OWNER, Office
from tests.rights.canaries import Company
from tests.rights.watch import Watch
from zhike.customers.models import Address, Certificate, ContactPoint, FileItem, Note, Relation
from zhike.customers.queries import CUSTOMERS
from zhike.web.customers.act import DIALOGS
from zhike.web.customers.sections import key_of

HTMX = {"HX-Request": "true"}
# Addresses of allauth: they know one's own account and no customers. Asked for with stand-ins.
ACCOUNT = ("account_", "mfa_", "usersessions_", "set_language")
# Answered by the sweep of the API itself.
API = "entrance"
_MODELS: dict[str, Any] = {
    "contact": ContactPoint, "address": Address, "certificate": Certificate, "note": Note, "file": FileItem,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One address: its name, the parts to fill, and the view that answers."""

    name: str
    parts: tuple[str, ...]
    view: Callable[..., Any]

    @property
    def of_account(self) -> bool:
        """Whether it belongs to signing in."""
        return self.name.startswith(ACCOUNT)


def _patterns(of: URLResolver, before: tuple[str, ...] = ()) -> Iterator[tuple[URLPattern, tuple[str, ...]]]:
    for each in of.url_patterns:
        parts = (*before, *each.pattern.regex.groupindex)
        if isinstance(each, URLResolver):
            yield from _patterns(each, parts)
        else:
            yield each, parts


def places() -> list[Place]:
    """Every address of the program but those of the API."""
    found = []
    for each, parts in _patterns(get_resolver()):
        if each.callback.__name__ == API:
            continue
        assert each.name, f"the address {each.pattern} has no name"
        found.append(Place(each.name, parts, each.callback))
    return found


def _first(model: Any, record: UUID) -> UUID:
    found: UUID | None = (
        model.objects.filter(party=record).order_by("pk").values_list("pk", flat=True).first()
    )
    return found or uuid4()


def _item(verb: str, record: UUID) -> UUID:
    """What a dialog of the page is about: a contact point, a note, a relation …"""
    word = DIALOGS[verb].item
    if word == "relation":
        return Relation.objects.filter(source=record).values_list("pk", flat=True).first() or uuid4()
    return _first(_MODELS[word], record)


Fill = Mapping[str, Any]
# Parts of addresses that name things of the sales manager, and the permission that opens them to others.
OPENED_BY = {
    "batch": "jobs.manage", "job": "jobs.manage", "purchase_import": "jobs.manage", "token": "staff.manage",
    "view": "", "export": "",
}  # fmt: skip


def fills(place: Place, office: Office, record: UUID) -> list[Fill]:
    """Every way to fill an address for one record. Raises KeyError for a part that is not known here."""
    if place.name == "customer_act":
        return [{"customer": record, "verb": verb} for verb, each in DIALOGS.items() if not each.item]
    if place.name == "customer_act_item":
        return [
            {"customer": record, "verb": verb, "item": _item(verb, record)}
            for verb, each in DIALOGS.items() if each.item
        ]  # fmt: skip
    if place.name == "customer_reveal_item":
        words = ("phone", "address", "certificate")
        models = (ContactPoint, Address, Certificate)
        return [
            {"customer": record, "field": word, "item": _first(model, record)}
            for word, model in zip(words, models, strict=True)
        ]
    ways = [[(part, value) for value in _values(part, place, office, record)] for part in place.parts]
    return [dict(way) for way in product(*ways)]


def _values(part: str, place: Place, office: Office, record: UUID) -> Iterable[Any]:
    company = office.company
    if part == "field" and place.name == "customer_reveal":
        return ("phone", "email", "certificate", "address")
    if part == "field" and place.name == "customers_cell":
        return list(CUSTOMERS.all_fields())
    if part == "verb" and place.name == "customers_bulk":
        return ("tag", "assign", "classify", "delete_many")
    if part == "key" and place.name == "customer_section":
        return sorted({key_of(each) for each in CUSTOMERS.all_fields().values()})
    known: dict[str, Any] = {
        "customer": record, "record": record, "left": record, "file": _first(FileItem, record),
        "right": _partner(company, record), "other": _partner(company, record),
        "merge": office.merge, "view": office.view, "batch": office.batch, "export": office.export,
        "job": office.job, "purchase_import": office.purchases, "token": office.token, "field": office.definition,
        "staff": company.world.stranger.id, "unit": company.world.shenzhen.id, "verb": "end_sessions",
        "uidb36": "1", "key": "x-y", "pk": 1, "path": "",
    }  # fmt: skip
    return (known[part],)


def _partner(company: Company, record: UUID) -> UUID:
    return next((other for one, other in company.relations if one == record), next(iter(company.rows)))


Asks = Callable[[Company, UUID], Iterator[str]]


def _list(company: Company, record: UUID) -> Iterator[str]:
    cells = company.texts[record]
    for name in ("monetary", "note", "phone", "name", "certificate", "value_tier"):
        where = orjson.dumps({"field": name, "op": "eq", "value": cells.get(name, "1")}).decode()
        yield f"?where={quote(where)}"
        yield f"?sort=-{name}&size=5"
    for name in ("name", "monetary", "city", "value_tier", "owner", "phone"):
        yield f"?group={name}"
        yield f"?group={name}&within={quote(cells.get(name, 'gold'))}"
    yield "?fields=" + ",".join(CUSTOMERS.all_fields())
    yield f"?q={quote(cells['name'])}"
    yield f"?q={cells['phone']}"


def _typed(company: Company, record: UUID) -> Iterator[str]:
    cells = company.texts[record]
    for text in (cells["name"], cells["name"][1:], cells["phone"], cells["phone"][-4:], cells["certificate"]):
        yield f"?q={quote(text)}"
    yield f"?q=&recent=customers:{record}"


def _figures(_company: Company, _record: UUID) -> Iterator[str]:
    for tier in ("platinum", "gold", "iron", "lead"):
        yield f"?tier={tier}"
    yield from (f"?r={r}&f={f}" for r in (1, 5) for f in (1, 5))


def _moved(_company: Company, _record: UUID) -> Iterator[str]:
    for one, other in (("platinum", "gold"), ("lead", "absent"), ("absent", "gold"), ("iron", "iron")):
        yield f"?came_from={one}&went_to={other}"


def _trail(_company: Company, record: UUID) -> Iterator[str]:
    yield f"?record={record}"
    yield f"?resource=customers&record={record}"


QUERIES: dict[str, Asks] = {
    "customers": _list, "search": _typed, "customer_pick": _typed, "value_customers": _figures,
    "value_movers": _moved, "audit": _trail,
    "export_new": lambda company, record: iter((f"?resource=customers&q={quote(company.texts[record]['name'])}",)),
    "customer_section": lambda company, record: iter(("?show=1",)),
    "customer_new": lambda company, record: iter(("?kind=organisation",)),
    "customers_filter": lambda company, record: iter(("?where=%7B%22any%22%3A%22notes%22%7D",)),
    "import_check": lambda company, record: iter(("?verdict=known", "?verdict=new", "?verdict=refused")),
}  # fmt: skip
_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_CURSOR = re.compile(r"[?&;]cursor=([A-Za-z0-9_%-]+)")
_QUOTED = re.compile(r"""[^\s"'<>]*%[0-9A-Fa-f]{2}[^\s"'<>]*""")
_DIGITS = re.compile(r"\d[\d\s,.\u00a0\u202f*-]{4,}\d")
# Where one element begins; marks within a text do not part it.
_PIECES = re.compile(r"(?=<(?!/?(?:mark|b|em|strong)\b))")
_GAPS = re.compile(r"[\s,\u00a0\u202f-]")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def readings(raw: str) -> str:
    """A page and all it may be read as: entities and escapes resolved, digits without gaps, days and cursors opened."""
    text = html.unescape(raw)
    parts = [text, *(unquote(each) for each in _QUOTED.findall(text))]
    parts += [_GAPS.sub("", each) for each in _DIGITS.findall(text)]
    parts += [f"{year}-{int(month):02d}-{int(day):02d}" for year, month, day in _DATE.findall(text)]
    for coded in _CURSOR.findall(text):
        code = unquote(coded)
        try:
            parts.append(base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode())
        except ValueError:
            parts.append(code)
    if "\\u" in text:
        parts.append(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text))
    return "\n".join(parts)


class _Browser(Client):
    """A client that takes answers as they come: what templates were given is not kept, an error is a status of 500."""

    def request(self, **request: Any) -> Any:
        """One request through all of the middleware."""
        return self.handler(self._base_environ(**request))  # type: ignore[attr-defined]


class Visitor:
    """Somebody signed in, who looks at pages with the eye of a watch."""

    def __init__(self, office: Office, name: str) -> None:
        self.office, self.watch = office, Watch(office.company, name)
        self.client = _Browser(headers={"accept-language": "zh-hans"})
        self.client.force_login(office.company.people[name])
        self.asked = 0
        # Pieces of pages that were searched already: most of a page is the same on every page.
        self._clean: set[str] = set()
        self._secrets = [each for each in office.secrets if not each.open_to(self.watch.reader)]

    def get(self, place: Place, fill: Fill, query: str = "", *, part: bool = False) -> int:
        """One GET, looked through; its status."""
        url = reverse(place.name, kwargs=dict(fill)) + query
        answer = self.client.get(url, headers=HTMX if part else None)
        self.asked += 1
        self.look(f"GET {place.name} {url}", answer, told=[str(each) for each in fill.values()] + [query])
        return int(answer.status_code)

    def look(self, door: str, answer: Any, *, told: Iterable[str] = ()) -> None:
        """Search an answer, its headers and its body, for what the reader may not see."""
        if answer.status_code >= 500:
            self.watch.found(door, f"answered {answer.status_code}")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        raw = f"{dict(answer.headers)}\n{body.decode(errors='replace')}"
        fresh = [piece for piece in _PIECES.split(raw) if piece not in self._clean]
        if self.look_at(door, readings("".join(fresh)), told=told):
            self._clean.update(fresh)

    def look_at(self, door: str, text: str, *, told: Iterable[str] = ()) -> bool:
        """Search a text for what the reader may not see; `told` is what came from the reader.

        Whether it holds none of it, not even what the reader said first: then it need not be searched again.
        """
        before = len(self.watch.leaks)
        spared = "\n".join(unquote(each) for each in told)
        known = [word for word in self.watch.texts() if word in spared]
        self.watch.look(door.removeprefix("GET "), text, told=known)
        # Whoever reads the audit trail reads what everybody did.
        trail = door.removeprefix("GET ").startswith(("audit ", "audit.list"))
        for secret in () if trail else self._secrets:
            if secret.text in text:
                self.watch.found(door, f"somebody else's {secret.text}")
        return not known and not trail and len(self.watch.leaks) == before

    def records(self) -> list[UUID]:
        """Records of each kind that makes a difference: hidden, seen, writable, gone; persons and firms."""
        company, reader = self.office.company, self.watch.reader
        found: dict[tuple[Any, ...], UUID] = {}
        for at, (record, row) in enumerate(company.rows.items()):
            kind = (reader.sees(row), reader.sees(row, "write"), row.gone)
            found.setdefault((*kind, at % 2 if reader.sees(row) else 0), record)
        return list(found.values())


def opened(visitor: Visitor, part: str) -> bool:
    """Whether the things of the sales manager that a part of an address names are open to somebody."""
    reader, permission = visitor.watch.reader, OPENED_BY[part]
    return visitor.watch.name == OWNER or bool(permission and reader.permitted(permission))


def pages(visitor: Visitor, only: tuple[str, ...] = ()) -> None:
    """Every address (or `only` those), with every record that makes a difference, whole and as a part of a page."""
    for place in places():
        if not only or place.name in only:
            _place(visitor, place)


def _place(visitor: Visitor, place: Place) -> None:
    office, watch = visitor.office, visitor.watch
    names_record = bool({"customer", "record", "left"} & set(place.parts))
    records = visitor.records()
    hidden = [each for each in records if each not in watch.visible]
    # All ways to fill it for one that is hidden and one that is seen; of the others the first way is enough.
    chief = {*hidden[:1], next(each for each in records if each in watch.visible)}
    for at, record in enumerate(records if names_record else records[:1]):
        ways = fills(place, office, record)
        for number, fill in enumerate(ways if record in chief else ways[:1]):
            status = visitor.get(place, fill, part=bool(number % 2))
            if names_record and record in hidden and status < 300:
                watch.found(place.name, f"{status} for a record that is not the reader's")
            if any(part in fill and not opened(visitor, part) for part in OPENED_BY) and status < 400:
                watch.found(place.name, f"{status} for what is somebody else's")
        visitor.get(place, ways[0], part=not at % 2)
    for record in chief if place.name in QUERIES else ():
        for query in QUERIES[place.name](office.company, record):
            visitor.get(place, fills(place, office, record)[0], query, part=True)
    if names_record and hidden:
        _alike(visitor, place, hidden[0])


def _alike(visitor: Visitor, place: Place, hidden: UUID) -> None:
    """What is hidden answers exactly as what never was."""
    for fill in fills(place, visitor.office, hidden)[:3]:
        never = {name: uuid4() if isinstance(value, UUID) else value for name, value in fill.items()}
        there, nowhere = (visitor.get(place, each) for each in (fill, never))
        if there != nowhere:
            visitor.watch.found(place.name, f"{there} for a hidden record, {nowhere} for none")
