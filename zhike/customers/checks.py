"""What a draft must keep to, field by field; what is wrong is gathered by the name of the part."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from operator import attrgetter

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from zhike.customers.organisation_keys import ORGANISATION_FACTS
from zhike.customers.types.drafts import Draft
from zhike.customers.types.words import (
    Bond,
    CustomerType,
    Gender,
    Grade,
    PartyKind,
    RelationKind,
    RelationStage,
    RoleName,
    Source,
    Stage,
    State,
)

Errors = dict[str, list[str | Promise]]
WORDS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (name, frozenset(words.values))
    for name, words in (
        ("kind", PartyKind), ("state", State), ("relation_kind", RelationKind), ("type", CustomerType),
        ("bond", Bond), ("stage", Stage), ("relation_stage", RelationStage), ("grade", Grade),
        ("source", Source), ("gender", Gender),
    )
)  # fmt: skip
_ROLES, _SOURCES = frozenset(RoleName.values), frozenset(Source.values)
_LENGTHS = (("legal_name", 200), ("english_name", 200), ("industry", 200))
_EARLIEST = date(1850, 1, 1)
MOST_CHILDREN = 50


def check_word(errors: Errors, name: str, value: str, words: frozenset[str]) -> None:
    """Record an error unless the value is a word of the list."""
    if value not in words:
        errors[name] = [_("Choose one of: %(expected)s.") % {"expected": ", ".join(sorted(words))}]


def check_period(errors: Errors, at: str, start: date | None, end: date | None) -> None:
    """Record an error unless the period ends after it starts."""
    if start is not None and end is not None and start >= end:
        errors[f"{at}valid_until"] = [_("A period must end after it starts.")]


def check_birthday(errors: Errors, day: date | None, today: date) -> None:
    """Record an error when nobody of now can have been born on this day."""
    if day is not None and not _EARLIEST <= day <= today:
        errors["birthday"] = [_("This day cannot be a birthday.")]


_chosen = attrgetter(*(name for name, _words in WORDS))


@lru_cache(maxsize=4096)
def _wrong_words(values: tuple[str, ...]) -> tuple[int, ...]:
    """Which of the chosen words are none; many customers share all their choices."""
    return tuple(
        at
        for at, (value, (_name, words)) in enumerate(zip(values, WORDS, strict=True))
        if value and value not in words
    )


def check_draft(draft: Draft, name: str, today: date, errors: Errors) -> None:
    """Record what is wrong with the fields of a draft; `name` is its name as it will be stored."""
    if not name:
        errors["name"] = [_("This field is required.")]
    elif len(name) > 200:
        errors["name"] = [_("At most %(max_length)s characters fit here.") % {"max_length": 200}]
    for at in _wrong_words(_chosen(draft)):
        key, words = WORDS[at]
        check_word(errors, key, getattr(draft, key), words)
    for key, most in _LENGTHS:
        if len(getattr(draft, key)) > most:
            errors[key] = [_("At most %(max_length)s characters fit here.") % {"max_length": most}]
    check_birthday(errors, draft.birthday, today)
    if draft.country and not (
        len(draft.country) == 2 and draft.country.isalpha() and draft.country.isupper()
    ):
        errors["country"] = [_("Enter the two letters of a country, for example CN.")]


_CHILDREN = ("contacts", "addresses", "certificates", "facts", "tags", "external_ids")
_children = attrgetter(*_CHILDREN)


def check_children(draft: Draft, errors: Errors) -> None:
    """Record what is wrong with roles, tags, facts and ids, or with how many parts there are."""
    for role in draft.roles:
        if role not in _ROLES:
            check_word(errors, "roles", role, _ROLES)
    for tag in draft.tags:
        if not 1 <= len(tag.strip()) <= 40:
            errors["tags"] = [_("A tag has 1 to 40 characters.")]
    for index, fact in enumerate(draft.facts):
        if fact.key not in ORGANISATION_FACTS:
            errors[f"facts.{index}.key"] = [_("Unknown choice: %(value)s.") % {"value": fact.key}]
        elif not 1 <= len(fact.value.strip()) <= 1000:
            errors[f"facts.{index}.value"] = [
                _("At most %(max_length)s characters fit here.") % {"max_length": 1000}
            ]
        check_word(errors, f"facts.{index}.source", fact.source, _SOURCES)
    for source, value in draft.external_ids:
        if not 1 <= len(source) <= 60 or not 1 <= len(value) <= 120:
            errors["external_ids"] = [_("An id has 1 to 120 characters and a source of 1 to 60.")]
    for name, children in zip(_CHILDREN, _children(draft), strict=True):
        if len(children) > MOST_CHILDREN:
            errors[name] = [_("At most %(max_length)s entries fit here.") % {"max_length": MOST_CHILDREN}]
