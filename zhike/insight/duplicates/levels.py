"""The fields that are compared and their levels of agreement, each told twice: in SQL and in Python.

A level is the first of its field whose condition holds. The two tellings stand side by side so that they can
be read against each other; a property test holds that they agree. Prior `m` (share of true pairs at this level)
and `u` (share of unlike pairs) are what a model knows before it has seen any data (Fellegi & Sunter 1969).

Thresholds of similarity are odd numbers that no quotient of short lengths can meet, so that the last bit of a
floating-point figure never decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zhike.insight.duplicates.prepare import Prepared
from zhike.insight.duplicates.similarity import jaro_winkler, within_one_edit

NAME_ALIKE = 0.88217
ADDRESS_ALIKE = 0.90217
DIFFERENT = "different"
Test = Callable[[Prepared, Prepared], bool]


@dataclass(frozen=True, slots=True)
class Level:
    """One degree of agreement; `frequency` names the column whose rare values weigh more.

    Only one weight is given rather than learnt: that of wholly different names at one phone and one address. A
    couple's phone and address are not two pieces of evidence but one, and data full of couples would teach
    the model that a customer often bears two names.
    """

    name: str
    sql: str
    test: Test
    m: float
    u: float
    frequency: str | None = None
    learnt: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """One compared field: unknown where `known` fails on either side, else the first level that holds."""

    name: str
    unknown_sql: str
    known: Callable[[Prepared], bool]
    levels: tuple[Level, ...]

    def level(self, left: Prepared, right: Prepared) -> Level | None:
        """The level of agreement of two records, or None where one of them does not tell."""
        if not (self.known(left) and self.known(right)):
            return None
        for level in self.levels:
            if level.test(left, right):
                return level
        raise AssertionError(f"the last level of {self.name} holds for every pair")


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


def _edit(column: str, shortest: int) -> str:
    """At most one edit, asked of DuckDB only where one end of the texts agrees, as it must after one edit:
    its matrix costs 2 µs a pair, a look at both ends 0.05 µs."""
    ends = (shortest - 1) // 2
    left, right = f"{column}_l", f"{column}_r"
    return (
        f"(length({left}) >= {shortest} and length({right}) >= {shortest}"
        f" and abs(length({left}) - length({right})) <= 1"
        f" and (left({left}, {ends}) = left({right}, {ends}) or right({left}, {ends}) = right({right}, {ends}))"
        f" and damerau_levenshtein({left}, {right}) <= 1)"
    )


def _alike(column: str, shortest: int, threshold: float) -> str:
    return (
        f"(length({column}_l) >= {shortest} and length({column}_r) >= {shortest}"
        f" and jaro_winkler_similarity({column}_l, {column}_r) >= {threshold})"
    )


def _any(column: str) -> str:
    return f"list_has_any({column}_l, {column}_r)"


def _edit_apart(left: str, right: str, shortest: int) -> bool:
    return len(left) >= shortest and len(right) >= shortest and within_one_edit(left, right)


def _meet(left: object, right: object) -> bool:
    return bool(left) and bool(right) and not set(left).isdisjoint(right)  # type: ignore[call-overload]


def _otherwise(_: Prepared, __: Prepared) -> bool:
    return True


def _different(m: float, u: float) -> Level:
    return Level(DIFFERENT, "ELSE", _otherwise, m, u)


def _name_alike(a: Prepared, b: Prepared) -> bool:
    return (
        len(a.name_code) >= 4
        and len(b.name_code) >= 4
        and jaro_winkler(a.name_code, b.name_code) >= NAME_ALIKE
    )


def _address_alike(a: Prepared, b: Prepared) -> bool:
    return (
        len(a.address_code) >= 6
        and len(b.address_code) >= 6
        and jaro_winkler(a.address_code, b.address_code) >= ADDRESS_ALIKE
    )


def _city_agrees(a: Prepared, b: Prepared) -> bool:
    return not a.city_key or not b.city_key or a.city_key == b.city_key


def _day_and_month_swapped(a: Prepared, b: Prepared) -> bool:
    return a.birth == b.birth[:4] + b.birth[6:] + b.birth[4:6]


NAME = Field(
    "name",
    "name_key_l is null or name_key_r is null",
    lambda r: r.name_key != "",
    (
        Level("same_name", _same("name_key"), lambda a, b: a.name_key == b.name_key, 0.66, 3e-5, "name_key"),
        Level("same_core", _same("core_key"), lambda a, b: a.core_key == b.core_key, 0.05, 1e-5),
        Level(
            "same_pinyin",
            _same("pinyin_key"),
            lambda a, b: a.pinyin_key != "" and a.pinyin_key == b.pinyin_key,
            0.06,
            8e-5,
            "pinyin_key",
        ),
        Level(
            "reordered",
            f"({_same('swap_key')} or {_same('pinyin_swap')})",
            lambda a, b: a.swap_key == b.swap_key or (a.pinyin_swap != "" and a.pinyin_swap == b.pinyin_swap),
            0.03,
            2e-5,
        ),
        Level(
            "one_character",
            _edit("name_code", 3),
            lambda a, b: _edit_apart(a.name_code, b.name_code, 3),
            0.07,
            4e-4,
        ),
        Level(
            "similar_sound",
            f"({_same('sound_key')} or {_edit('pinyin_key', 6)})",
            lambda a, b: (
                (a.sound_key != "" and a.sound_key == b.sound_key)
                or _edit_apart(a.pinyin_key, b.pinyin_key, 6)
            ),
            0.03,
            6e-4,
        ),
        Level("similar_writing", _alike("name_code", 4, NAME_ALIKE), _name_alike, 0.05, 1e-3),
        Level(
            "same_household",
            f"({_any('phones')} and {_same('address_key')})",
            lambda a, b: _meet(a.phones, b.phones) and a.address_key != "" and a.address_key == b.address_key,
            1e-9,
            1e-2,
            learnt=False,
        ),
        _different(0.003, 0.987),
    ),
)

PHONE = Field(
    "phone",
    "(phone1_l is null and len(shared_phones_l) = 0) or (phone1_r is null and len(shared_phones_r) = 0)",
    lambda r: r.phone1 != "" or len(r.shared_phones) > 0,
    (
        Level(
            "same_phone",
            f"({_same('phone1')} or {_any('phones')})",
            lambda a, b: _meet(a.phones, b.phones),
            0.65,
            2e-6,
        ),
        Level(
            "shared_phone",
            _any("shared_phones"),
            lambda a, b: _meet(a.shared_phones, b.shared_phones),
            0.03,
            5e-4,
        ),
        Level("one_digit", _edit("phone1", 7), lambda a, b: _edit_apart(a.phone1, b.phone1, 7), 0.04, 5e-6),
        _different(0.28, 0.9995),
    ),
)

EMAIL = Field(
    "email",
    "(email1_l is null and len(shared_emails_l) = 0) or (email1_r is null and len(shared_emails_r) = 0)",
    lambda r: r.email1 != "" or len(r.shared_emails) > 0,
    (
        Level(
            "same_email",
            f"({_same('email1')} or {_any('emails')})",
            lambda a, b: _meet(a.emails, b.emails),
            0.6,
            2e-6,
        ),
        Level(
            "shared_email",
            _any("shared_emails"),
            lambda a, b: _meet(a.shared_emails, b.shared_emails),
            0.02,
            5e-4,
        ),
        Level(
            "same_mailbox", _same("local1"), lambda a, b: a.local1 != "" and a.local1 == b.local1, 0.05, 1e-5
        ),
        Level("one_letter", _edit("local1", 6), lambda a, b: _edit_apart(a.local1, b.local1, 6), 0.04, 5e-6),
        _different(0.29, 0.9995),
    ),
)

CERTIFICATE = Field(
    "certificate",
    "len(certificates_l) = 0 or len(certificates_r) = 0",
    lambda r: len(r.certificates) > 0,
    (
        Level(
            "same_certificate",
            _any("certificates"),
            lambda a, b: _meet(a.certificates, b.certificates),
            0.88,
            1e-7,
        ),
        _different(0.12, 0.9999999),
    ),
)

ADDRESS = Field(
    "address",
    "(address_key_l is null and province_key_l is null and city_key_l is null)"
    " or (address_key_r is null and province_key_r is null and city_key_r is null)",
    lambda r: r.address_key != "" or r.province_key != "" or r.city_key != "",
    (
        Level(
            "same_address",
            f"({_same('address_key')} and coalesce({_same('city_key')}, true))",
            lambda a, b: a.address_key != "" and a.address_key == b.address_key and _city_agrees(a, b),
            0.45,
            2e-5,
        ),
        Level("similar_address", _alike("address_code", 6, ADDRESS_ALIKE), _address_alike, 0.2, 2e-4),
        Level(
            "same_district",
            _same("district_key"),
            lambda a, b: a.district_key != "" and a.district_key == b.district_key,
            0.14,
            0.004,
        ),
        Level(
            "same_city",
            _same("city_key"),
            lambda a, b: a.city_key != "" and a.city_key == b.city_key,
            0.09,
            0.03,
        ),
        Level(
            "same_province",
            _same("province_key"),
            lambda a, b: a.province_key != "" and a.province_key == b.province_key,
            0.05,
            0.06,
        ),
        _different(0.07, 0.9),
    ),
)

BIRTH = Field(
    "birth_date",
    "birth_l is null or birth_r is null",
    lambda r: r.birth != "",
    (
        Level("same_birth_date", _same("birth"), lambda a, b: a.birth == b.birth, 0.84, 5e-5),
        Level(
            "day_month_swapped",
            "birth_l = left(birth_r, 4) || substr(birth_r, 7, 2) || substr(birth_r, 5, 2)",
            _day_and_month_swapped,
            0.02,
            3e-5,
        ),
        Level(
            "one_digit",
            _edit("birth", 8),
            lambda a, b: within_one_edit(a.birth, b.birth),
            0.08,
            2e-3,
        ),
        _different(0.06, 0.998),
    ),
)

FIELDS: tuple[Field, ...] = (NAME, PHONE, EMAIL, CERTIFICATE, ADDRESS, BIRTH)
FREQUENCY_COLUMNS = ("name_key", "pinyin_key")
