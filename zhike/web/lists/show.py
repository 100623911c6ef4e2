"""One value of a record as a table or a page shows it: names for ids, words for codes, badges for states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import phonenumbers
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from zhike.kernel.fields import Field, Kind
from zhike.kernel.money import Money
from zhike.kernel.staff import names_of_staff, names_of_units
from zhike.web.countries import country_text
from zhike.web.templatetags.ui import badge, initials_avatar, money, tone_of, when

Names = Mapping[UUID, str]

_TONES: dict[str, str] = {
    "platinum": "purple", "gold": "yellow", "iron": "blue", "lead": "grey",
    "actual": "success", "target": "info", "potential": "azure", "lost": "danger", "non_customer": "grey",
    "key": "red", "a": "orange", "b": "blue", "c": "teal", "d": "grey",
    "reach": "azure", "acquire": "info", "convert": "teal", "retain": "success", "lose": "danger",
    "granted": "success", "refused": "danger", "withdrawn": "warning", "unknown": "grey",
}  # fmt: skip
_PLAIN_CHOICES = frozenset({"kind", "gender", "source", "relation_kind", "type", "bond", "relation_stage"})
NOTHING = SafeString("")


def tone_of_word(value: str) -> str:
    """The tone of a badge for a word of a closed list."""
    return _TONES.get(value, "grey")


def names_for(fields: Iterable[Field], rows: Iterable[Mapping[str, Any]]) -> dict[UUID, str]:
    """Names of the staff and units that the rows refer to: one statement for each kind that is shown."""
    wanted: dict[str, set[UUID]] = {"staff": set(), "units": set()}
    known = [each for each in fields if each.kind == Kind.REFERENCE and each.reference in wanted]
    for row in rows:
        for each in known:
            value = row.get(each.name)
            if isinstance(value, UUID):
                wanted[each.reference].add(value)
    return {**names_of_staff(wanted["staff"]), **names_of_units(wanted["units"])}


def label_of(item: Field, value: Any) -> str:
    """The label of a choice; a value that the list no longer has is shown as it is."""
    return next((str(each.label) for each in item.choices if each.value == value), str(value))


def show(item: Field, value: Any, names: Names | None = None, now: datetime | None = None) -> SafeString:
    """The markup of one value; empty where there is none."""
    if value in (None, "", [], ()):
        return NOTHING
    if item.mask is not None and item.kind in (
        Kind.NUMBER,
        Kind.MONEY,
        Kind.DATE,
        Kind.MOMENT,
        Kind.REFERENCE,
    ):
        return format_html("{}", value)
    if item.kind == Kind.REFERENCE:
        return _reference(item, value, names or {})
    if item.kind in (Kind.CHOICE, Kind.CHOICES):
        return _choice(item, value)
    if item.kind in (Kind.DATE, Kind.MOMENT) and isinstance(value, date | datetime):
        return when({"now": now}, value)
    return _plain(item, value)


def _reference(item: Field, value: Any, names: Names) -> SafeString:
    text = names.get(value) if isinstance(value, UUID) else None
    if text is None:
        return format_html('<span class="cell-none">{}</span>', "—")
    if item.reference != "staff":
        return format_html("{}", text)
    mark = initials_avatar(text, size="xs", seed=value)
    return format_html('<span class="person">{}<span class="person-name">{}</span></span>', mark, text)


def _choice(item: Field, value: Any) -> SafeString:
    if isinstance(value, list | tuple):
        if not item.choices:
            marks = [(badge(each, tone=tone_of(each)),) for each in value]
        else:
            marks = [(badge(label_of(item, each)),) for each in value]
        return format_html(
            '<span class="tag-line tag-line-short">{}</span>', format_html_join("", "{}", marks)
        )
    if item.name in _PLAIN_CHOICES:
        return format_html("{}", label_of(item, value))
    return badge(label_of(item, value), tone=tone_of_word(str(value)), dot=item.name == "state")


def _plain(item: Field, value: Any) -> SafeString:
    if item.name == "country" and not item.custom:
        return format_html("{}", country_text(str(value)))
    if item.kind == Kind.YES_NO:
        return format_html("{}", pgettext("choice", "Yes") if value is True else pgettext("choice", "No"))
    if item.kind == Kind.MONEY:
        return money(as_money(value))
    if item.kind == Kind.NUMBER:
        return format_html("{}", number_text(value))
    if item.kind == Kind.PHONE:
        return format_html('<span class="number">{}</span>', phone_text(str(value)))
    if item.kind == Kind.LINK and str(value).startswith(("http://", "https://")):
        return format_html('<a href="{}" rel="noreferrer noopener" target="_blank">{}</a>', value, value)
    if isinstance(value, list | tuple):
        return format_html("{}", ", ".join(map(str, value)))
    return format_html("{}", value)


def phone_text(value: str) -> str:
    """A stored phone number as people here write it; a masked one as it is."""
    try:
        number = phonenumbers.parse(value, settings.ZHIKE_REGION)
    except phonenumbers.NumberParseException:
        return value
    if "*" in value or not phonenumbers.is_possible_number(number):
        return value
    here = phonenumbers.country_code_for_region(settings.ZHIKE_REGION) == number.country_code
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if here else form.INTERNATIONAL)


def as_money(value: Any) -> Money:
    """Major units as money of this installation."""
    return Money.of(Decimal(str(value)).quantize(Decimal("0.01")), settings.ZHIKE_CURRENCY)


def number_text(value: Any) -> str:
    """A number without needless decimals, grouped by thousands."""
    number = Decimal(str(value))
    return f"{int(number):,}" if number == number.to_integral_value() else f"{number.normalize():,f}"


def is_number(item: Field) -> bool:
    """Whether a column stands to the right."""
    return item.kind in (Kind.NUMBER, Kind.MONEY)
