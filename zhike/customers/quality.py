"""The quality of a record: a score from 0 to 100 with what is missing, contradicting or stale.

All weights stand in one table. What is there earns its weight; the score is the share earned, less what
contradictions and staleness cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STALE_AFTER_DAYS = 540


@dataclass(frozen=True, slots=True)
class Known:
    """What a record holds, as far as its quality goes. `seen_date` is the day of the last change or contact."""

    organisation: bool
    phone: bool = False
    email: bool = False
    city: bool = False
    address: bool = False
    certificate: bool = False
    birthday: bool = False
    gender: bool = False
    industry: bool = False
    source: bool = False
    consent: bool = False
    facts: bool = False
    people: bool = False
    phone_unusable: bool = False
    birthday_contradicts: bool = False
    gender_contradicts: bool = False
    certificate_expired: bool = False
    contact_expired: bool = False
    seen_date: date | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """The score with its reasons, each a key of ITEMS."""

    score: int
    missing: tuple[str, ...] = ()
    contradicting: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


# What should be there: key → weight for a person, weight for an organisation.
WEIGHTS: dict[str, tuple[int, int]] = {
    "phone": (30, 25),
    "email": (8, 8),
    "city": (10, 10),
    "address": (7, 7),
    "certificate": (12, 15),
    "birthday": (10, 0),
    "gender": (5, 0),
    "industry": (0, 10),
    "source": (8, 7),
    "consent": (10, 3),
    "facts": (0, 8),
    "people": (0, 7),
}
# What contradicts or has aged: key → points lost.
CONTRADICTIONS: dict[str, int] = {"phone_unusable": 10, "birthday_contradicts": 15, "gender_contradicts": 10}
STALENESS: dict[str, int] = {"certificate_expired": 5, "contact_expired": 5, "not_seen": 10}
ITEMS: dict[str, Promise] = {
    "phone": _("Phone"),
    "email": _("E-mail"),
    "city": _("City"),
    "address": _("Address"),
    "certificate": _("Certificate"),
    "birthday": _("Birthday"),
    "gender": _("Gender"),
    "industry": _("Industry"),
    "source": _("Source"),
    "consent": _("Consent to be approached"),
    "facts": _("Organisation facts"),
    "people": _("Key persons"),
    "phone_unusable": _("The phone lacks its area code"),
    "birthday_contradicts": _("Birthday and identity card differ"),
    "gender_contradicts": _("Gender and identity card differ"),
    "certificate_expired": _("A certificate has expired"),
    "contact_expired": _("The phone or e-mail is out of date"),
    "not_seen": _("Unchanged for a long time"),
}
_PERSON = tuple((name, person) for name, (person, _org) in WEIGHTS.items() if person)
_ORGANISATION = tuple((name, firm) for name, (_person, firm) in WEIGHTS.items() if firm)
_WHOLE = {False: sum(weight for _, weight in _PERSON), True: sum(weight for _, weight in _ORGANISATION)}


@lru_cache(maxsize=4096)
def score(known: Known) -> int:
    """The score alone, without reasons and staleness: what is stored with the record at its last change."""
    weights = _ORGANISATION if known.organisation else _PERSON
    earned = sum([weight for name, weight in weights if getattr(known, name)])
    lost = sum([points for name, points in CONTRADICTIONS.items() if getattr(known, name)])
    return max(0, round(100 * earned / _WHOLE[known.organisation]) - lost)


def assess(known: Known, today: date) -> Quality:
    """The score with its reasons as of a day."""
    weights = _ORGANISATION if known.organisation else _PERSON
    missing = tuple(name for name, _weight in weights if not getattr(known, name))
    contradicting = tuple(name for name in CONTRADICTIONS if getattr(known, name))
    stale = [name for name in ("certificate_expired", "contact_expired") if getattr(known, name)]
    if known.seen_date is not None and (today - known.seen_date).days > STALE_AFTER_DAYS:
        stale.append("not_seen")
    lost = sum(STALENESS[name] for name in stale)
    return Quality(max(0, score(known) - lost), missing, contradicting, tuple(stale))
