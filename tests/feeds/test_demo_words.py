"""The demo's names, numbers and codes are right by their rules."""

from __future__ import annotations

from datetime import date

import pytest

from zhike.customers.types import CertificateDraft, ContactDraft
from zhike.feeds.demo.codes import credit_code, identity_card, landline, mobile
from zhike.feeds.demo.dice import dice
from zhike.feeds.demo.drafts import Born, organisation, person
from zhike.feeds.demo.firms import brand, latin
from zhike.feeds.demo.people import chinese_name
from zhike.feeds.demo.places import cities, place_in
from zhike.feeds.demo.products import catalogue


def test_identity_cards_and_credit_codes_have_their_check_digits() -> None:
    from stdnum.cn import ric, uscc

    by = dice(1, "codes")
    for _number in range(300):
        place = place_in(cities().draw(by), by)
        card = identity_card(by, place.code, date(1984, 2, 29), female=True)
        assert ric.calc_check_digit(card) == card[-1]
        assert int(card[16]) % 2 == 0
        uscc.validate(credit_code(by, place.code))


def test_telephone_numbers_could_be_dialled() -> None:
    import phonenumbers

    by = dice(1, "phones")
    for _number in range(300):
        for number in (mobile(by), landline(by, cities().draw(by))):
            assert phonenumbers.is_valid_number(phonenumbers.parse(number, "CN")), number


def test_names_follow_their_generation() -> None:
    by = dice(1, "names")
    old = "".join(chinese_name(by, 1955, female=True) for _person in range(300))
    young = "".join(chinese_name(by, 2001, female=True) for _person in range(300))
    assert old.count("桂") > young.count("桂")
    assert young.count("涵") > old.count("涵")


def test_brands_can_be_written_in_latin_letters() -> None:
    by = dice(1, "brands")
    assert all(latin(brand(by)).isascii() for _brand in range(300))


def test_there_are_about_two_hundred_products() -> None:
    stock = catalogue()
    assert 150 <= len(stock.products) <= 250
    assert len({product.code for product in stock.products}) == len(stock.products)
    assert stock.prices.min() > 0
    assert stock.homes.sum() == pytest.approx(1)
    assert stock.firms.sum() == pytest.approx(1)


def test_the_same_dice_throw_the_same_customers() -> None:
    city, born = cities().items[0], Born(date(2025, 3, 1), True)
    twice = [[make(dice(5, "same"), city, born) for make in (person, organisation)] for _time in range(2)]
    assert twice[0] == twice[1]
    assert person(dice(6, "same"), city, born) != twice[0][0]
    assert all(isinstance(each, ContactDraft) for each in twice[0][0].contacts)
    assert all(isinstance(each, CertificateDraft) for each in twice[0][1].certificates)
