"""Phone numbers as people write them."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.customers.phones import NotAPhoneError, is_dialable, normalise_phone, show_phone


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("13812345678", "+8613812345678"),
        ("138 1234 5678", "+8613812345678"),
        ("+86-138-1234-5678", "+8613812345678"),
        ("86 13812345678", "+8613812345678"),
        ("008613812345678", "+8613812345678"),
        ("13812345678.0", "+8613812345678"),
        ("０２１－５５５５８８８８", "+862155558888"),
        ("(010)62781234 转 801", "+861062781234;ext=801"),
        ("021-55558888-8001", "+862155558888;ext=8001"),
        ("95588", "95588"),
        ("55558888", "55558888"),
        ("400-820-8820", "+864008208820"),
        ("+1 (650) 253-0000", "+16502530000"),
    ],
)
def test_written_forms(written: str, normalised: str) -> None:
    assert normalise_phone(written) == normalised
    assert is_dialable(normalised) == (len(normalised) > 8)


@pytest.mark.parametrize(
    "written", ["abc", "", "12", "138123456780", "13812345678/13912345678", "1.38E+10", "+"]
)
def test_what_is_no_phone(written: str) -> None:
    with pytest.raises(NotAPhoneError):
        normalise_phone(written)


@given(st.integers(0, 99_999_999), st.sampled_from(["130", "138", "159", "177", "186", "198"]))
def test_the_short_way_and_the_library_agree(tail: int, head: str) -> None:
    text = f"{head}{tail:08d}"
    slow = phonenumbers.format_number(phonenumbers.parse(text, "CN"), phonenumbers.PhoneNumberFormat.E164)
    assert normalise_phone(text) == slow


def test_shown_as_people_read_them() -> None:
    assert show_phone("+8613812345678") == "138 1234 5678"
    assert show_phone("+16502530000") == "+1 650-253-0000"
    assert show_phone("+862155558888;ext=8001") == "021 5555 8888 ext. 8001"
    assert show_phone("95588") == "95588"


def test_another_region_reads_its_own_national_form() -> None:
    assert normalise_phone("030 123456", "DE") == "+4930123456"
    with pytest.raises(NotAPhoneError):
        normalise_phone("13812345678", "DE")
