"""From the cells of a row to the draft of a customer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from zhike.customers.types import AddressDraft, CertificateDraft, ContactDraft, Draft
from zhike.feeds.files.messages import Message
from zhike.feeds.files.recognise import is_company
from zhike.feeds.files.values import DateOrder, parse_boolean, parse_date, parse_number
from zhike.feeds.imports.targets import COUNTRIES, WORDS, goals, words_of
from zhike.kernel.actor import Context
from zhike.kernel.fields import Kind
from zhike.kernel.staff import staff_by_name, units_by_name

Cells = Sequence[str | None]
_SEVERAL = re.compile(r"[;；、,，|\n]|\s/\s|(?<=\d{7})/(?=\d{7})")
# What stands between several values; a cell without any of these signs is not searched.
_BETWEEN = frozenset(";；、,，|\n/")
_SHARED = frozenset(("phone", "fax", "email"))
_LIST = re.compile(r"[;；、,，|\n]")
_CONTACTS = ("phone", "fax", "email", "wechat", "qq", "website")
_PAPERS = ("id_card", "credit_code", "passport")
_PLACE = ("address", "province", "city", "district", "postcode")
_TEXTS = ("legal_name", "english_name", "industry")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: the column (or "") and the reason, as often as there is something wrong."""

    problems: tuple[tuple[str, Message | str], ...]


@dataclass(frozen=True, slots=True)
class Drafted:
    """The draft of a row, and the customer number that stands in it."""

    draft: Draft
    number: str = ""


class Drafter:
    """Makes drafts of rows by a mapping: the target of each column, or None."""

    def __init__(
        self,
        context: Context,
        columns: Sequence[str],
        mapping: Sequence[str | None],
        *,
        order: DateOrder,
        source: str,
    ) -> None:
        allowed = goals(context.actor)
        self.columns = list(columns)
        self.order = order
        self.source = source
        self._at: dict[str, list[int]] = {}
        for index, name in enumerate(mapping):
            if name in allowed:
                self._at.setdefault(name, []).append(index)
        self._words = {name: words_of(name) for name in WORDS if name in self._at}
        self._contacts = [(index, kind) for kind in _CONTACTS for index in self._at.get(kind, ())]
        self._papers = [(self._at[kind][0], kind) for kind in _PAPERS if kind in self._at]
        self._custom = {
            name.removeprefix("custom."): (self._at[name][0], goal.field.kind if goal.field else Kind.TEXT)
            for name, goal in allowed.items()
            if name.startswith("custom.") and name in self._at
        }
        self._plain = [(name, self._at[name][0]) for name in _TEXTS if name in self._at]
        self._choices = [(name, self._at[name][0]) for name in WORDS if name in self._at and name != "roles"]
        self._told = not self._at.keys().isdisjoint(("company", "position", "department"))
        self._staff: Callable[[str], UUID | None] = lru_cache(maxsize=10_000)(staff_by_name)
        self._units: Callable[[str], UUID | None] = lru_cache(maxsize=10_000)(units_by_name)

    def draft(self, cells: Cells) -> Drafted | Fault:
        """The draft of a row, or all that is wrong with its cells."""
        texts = [(cell.strip() if cell.isprintable() else _clean(cell)) if cell else "" for cell in cells]
        wrong: list[tuple[str, Message | str]] = []
        values: dict[str, Any] = {name: texts[at] for name, at in self._plain if texts[at]}
        self._choose(texts, values, wrong)
        self._dates(texts, values, wrong)
        self._people(texts, values, wrong)
        custom = self._customs(texts, wrong)
        name = self._name(texts, values)
        if wrong:
            return Fault(tuple(wrong))
        papers = [CertificateDraft(texts[at], kind) for at, kind in self._papers if texts[at]]
        contacts = [
            ContactDraft(each, kind)
            for at, kind in self._contacts
            if texts[at]
            for each in _several(texts[at], kind)
        ]
        draft = Draft(
            name, contacts=contacts, addresses=self._address(texts, values), certificates=papers,
            note=self._note(texts, values), external_ids=self._external(texts), custom=custom,
            tags=self._list(texts, "tags"), roles=values.pop("roles", ()), **values,
        )  # fmt: skip
        return Drafted(draft, self._one(texts, "number"))

    def column_of(self, path: str, cells: Cells) -> str:
        """The column that a part of the draft (`contacts.1.value`) came from; "" where it came from none."""
        part, _dot, rest = path.partition(".")
        place = rest.partition(".")[0]
        texts = [_clean(cell) if cell else "" for cell in cells]
        if part == "contacts" and place.isdigit():
            from_columns = [
                at for at, kind in self._contacts if texts[at] for _e in _several(texts[at], kind)
            ]
            return self.columns[from_columns[int(place)]]
        if part == "certificates" and place.isdigit():
            return self.columns[[at for at, _kind in self._papers if texts[at]][int(place)]]
        name = {"addresses": "address", "external_ids": "external_id"}.get(part, part)
        found = self._at.get(name) or self._at.get(f"custom.{name}")
        return self.columns[found[0]] if found else ""

    def _one(self, texts: Sequence[str], name: str) -> str:
        return texts[self._at[name][0]] if name in self._at else ""

    def _list(self, texts: Sequence[str], name: str) -> list[str]:
        text = self._one(texts, name)
        return [part.strip() for part in _LIST.split(text) if part.strip()] if text else []

    def _choose(
        self, texts: list[str], values: dict[str, Any], wrong: list[tuple[str, Message | str]]
    ) -> None:
        for name, at in self._choices:
            if not texts[at]:
                continue
            found = self._words[name].get(texts[at].casefold())
            if found is None:
                wrong.append(
                    (self.columns[at], _("“%(text)s” is none of the choices.") % {"text": texts[at][:60]})
                )
            elif found:
                values[name] = found
        for role in self._list(texts, "roles") if "roles" in self._at else ():
            word = self._words["roles"].get(role.casefold())
            if word:
                values.setdefault("roles", []).append(word)
            else:
                at = self._at["roles"][0]
                wrong.append(
                    (self.columns[at], _("“%(text)s” is none of the choices.") % {"text": role[:60]})
                )
        if country := self._one(texts, "country"):
            values["country"] = COUNTRIES.get(country.casefold(), country.upper())
            if len(values["country"]) != 2:
                at = self._at["country"][0]
                wrong.append((self.columns[at], _("Enter the two letters of a country, for example CN.")))

    def _dates(
        self, texts: list[str], values: dict[str, Any], wrong: list[tuple[str, Message | str]]
    ) -> None:
        text = self._one(texts, "birthday")
        if not text:
            return
        found = _date(text, self.order)
        if isinstance(found, date):
            values["birthday"] = found
        else:
            wrong.append((self.columns[self._at["birthday"][0]], found))

    def _people(
        self, texts: list[str], values: dict[str, Any], wrong: list[tuple[str, Message | str]]
    ) -> None:
        for name, find in (("owner", self._staff), ("unit", self._units)):
            text = self._one(texts, name)
            if text:
                values[f"{name}_id"] = find(text)
                if values[f"{name}_id"] is None:
                    wrong.append((self.columns[self._at[name][0]], _("There is no such person or unit.")))

    def _customs(self, texts: list[str], wrong: list[tuple[str, Message | str]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, (at, kind) in self._custom.items():
            if not texts[at]:
                continue
            value = _custom(kind, texts[at], self.order)
            if isinstance(value, Message):
                wrong.append((self.columns[at], value))
            else:
                found[name] = value
        return found

    def _name(self, texts: list[str], values: dict[str, Any]) -> str:
        name = self._one(texts, "name") or _whole(
            self._one(texts, "family_name"), self._one(texts, "given_name")
        )
        if not name and (company := self._one(texts, "company")):
            values.setdefault("kind", "organisation")
            return company
        firm = bool(name) and name == self._one(texts, "company")
        if "kind" not in values and (firm or self._one(texts, "credit_code") or _looks_like_company(name)):
            values["kind"] = "organisation"
        return name

    def _address(self, texts: list[str], values: Mapping[str, Any]) -> list[AddressDraft]:
        text, province, city, district, postcode = (self._one(texts, name) for name in _PLACE)
        if not (text or province or city or district):
            return []
        country = values.get("country", "")
        return [
            AddressDraft(
                text, country=country, province=province, city=city, district=district, postcode=postcode
            )
        ]

    def _note(self, texts: list[str], values: Mapping[str, Any]) -> str:
        lines = [texts[at] for at in self._at.get("note", ()) if texts[at]]
        if not self._told:
            return "\n".join(lines)
        company = self._one(texts, "company")
        if company and values.get("kind") != "organisation":
            lines.append(_("Company: %(name)s") % {"name": company})
        for name, label in (("position", _("Position: %(name)s")), ("department", _("Department: %(name)s"))):
            if text := self._one(texts, name):
                lines.append(label % {"name": text})
        return "\n".join(lines)

    def _external(self, texts: list[str]) -> list[tuple[str, str]]:
        value = self._one(texts, "external_id")
        return [(self.source, value)] if value else []


def _clean(cell: str) -> str:
    """A cell without blanks around and without control characters other than line ends and tabs."""
    if cell.isprintable():
        return cell.strip()
    return "".join(sign for sign in cell if sign >= " " or sign in "\n\t").strip()


def _several(text: str, kind: str) -> list[str]:
    """The values of a cell that holds several phones or e-mails."""
    if kind not in _SHARED or _BETWEEN.isdisjoint(text) or not _SEVERAL.search(text):
        return [text]
    parts = [part.strip() for part in _SEVERAL.split(text) if part.strip()]
    if kind == "email":
        return parts if all("@" in part for part in parts) else [text]
    return parts if all(sum(map(str.isdigit, part)) >= 7 for part in parts) else [text]


def _whole(family: str, given: str) -> str:
    """A name of two parts as it is written: Chinese ones together, the family name first."""
    if not family or not given:
        return family or given
    return f"{family}{given}" if not f"{family}{given}".isascii() else f"{given} {family}"


@lru_cache(maxsize=50_000)
def _looks_like_company(name: str) -> bool:
    return len(name) > 3 and is_company(name)


@lru_cache(maxsize=50_000)
def _date(text: str, order: DateOrder) -> date | Message:
    return parse_date(text, order)


def _custom(kind: Kind, text: str, order: DateOrder) -> Any:
    """A cell for a user-defined field; what is right is decided by the field's own rules."""
    if kind in (Kind.NUMBER, Kind.MONEY):
        number = parse_number(text)
        return number if isinstance(number, Message) else str(number)
    if kind == Kind.DATE:
        day = _date(text, order)
        return day if isinstance(day, Message) else day.isoformat()
    if kind == Kind.YES_NO:
        return parse_boolean(text)
    return [part.strip() for part in _LIST.split(text) if part.strip()] if kind == Kind.CHOICES else text


def told(problem: Message | str) -> dict[str, Any]:
    """A reason as it is kept with a row."""
    return problem.to_json() if isinstance(problem, Message) else {"text": str(problem)}


def shown(kept: Mapping[str, Any]) -> str:
    """A kept reason as a sentence in the active language."""
    text = (
        kept["text"]
        if "text" in kept
        else str(Message.from_json({k: kept[k] for k in ("code", "id", "params")}))
    )
    return f"{kept['column']}: {text}" if kept.get("column") else str(text)
