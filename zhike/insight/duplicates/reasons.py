"""English sentences for reasons, which a screen uses as message ids and fills with values its reader may see."""

from __future__ import annotations

from collections.abc import Mapping

from zhike.insight.duplicates.types import Reason

WORDINGS: Mapping[tuple[str, str], str] = {
    ("name", "same_name"): "Same name",
    ("name", "same_core"): "Same name but for the legal form, place or form of address: {left} / {right}",
    ("name", "same_pinyin"): "Same pinyin, other characters: {left} / {right}",
    ("name", "reordered"): "Same parts of the name in another order: {left} / {right}",
    ("name", "one_character"): "One character of the name differs: {left} / {right}",
    ("name", "similar_sound"): "Name sounds similar: {left} / {right}",
    ("name", "similar_writing"): "Name is written similarly: {left} / {right}",
    ("name", "same_household"): "Different name at the same phone and address: {left} / {right}",
    ("name", "different"): "Different name: {left} / {right}",
    ("phone", "same_phone"): "Same phone",
    ("phone", "shared_phone"): "Same phone, which many customers share",
    ("phone", "one_digit"): "One digit of the phone differs: {left} / {right}",
    ("phone", "different"): "Different phone",
    ("email", "same_email"): "Same e-mail",
    ("email", "shared_email"): "Same e-mail, which many customers share",
    ("email", "same_mailbox"): "Same mailbox name with another provider: {left} / {right}",
    ("email", "one_letter"): "One letter of the mailbox name differs: {left} / {right}",
    ("email", "different"): "Different e-mail",
    ("certificate", "same_certificate"): "Same certificate number",
    ("certificate", "different"): "Different certificate number",
    ("address", "same_address"): "Same address",
    ("address", "similar_address"): "Similar address: {left} / {right}",
    ("address", "same_district"): "Same district",
    ("address", "same_city"): "Same city",
    ("address", "same_province"): "Same province",
    ("address", "different"): "Different place: {left} / {right}",
    ("birth_date", "same_birth_date"): "Same birth date",
    ("birth_date", "day_month_swapped"): "Day and month of birth are swapped: {left} / {right}",
    ("birth_date", "one_digit"): "One digit of the birth date differs: {left} / {right}",
    ("birth_date", "different"): "Different birth date",
}


def wording(reason: Reason) -> str:
    """The message id of a reason; `{left}` and `{right}` in it stand for the two values."""
    return WORDINGS[reason.field, reason.level]
