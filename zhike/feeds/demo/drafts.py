"""The customers in words: names, ways to reach them, addresses, certificates, facts, tags and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from zhike.customers.types import (
    AddressDraft,
    CertificateDraft,
    ContactDraft,
    Draft,
    OrganisationFactDraft,
)
from zhike.feeds.demo.codes import credit_code, identity_card, landline, mobile, office_mail, private_mail
from zhike.feeds.demo.dice import Weighted
from zhike.feeds.demo.firms import Firm, firm, foreign_firm, latin, shop
from zhike.feeds.demo.people import chinese_name, foreign_name
from zhike.feeds.demo.places import City, home_address, office_address, place_in
from zhike.feeds.demo.talk import note_about

_SOURCES = Weighted.of(
    [
        "registration",
        "web",
        "referral",
        "exhibition",
        "telemarketing",
        "association",
        "partner",
        "third_party",
        "other",
    ],
    [26, 30, 12, 9, 7, 4, 6, 3, 3],
)
_CONSENTS = Weighted.of(["unknown", "granted", "refused", "withdrawn"], [40, 48, 9, 3])
_TYPES = Weighted.of(["", "follower", "rational", "profit_seeker", "lighthouse"], [40, 24, 22, 11, 3])
_HOME_TAGS = (
    "会员日",
    "新房装修",
    "母婴家庭",
    "礼品采购",
    "价格敏感",
    "老客户推荐",
    "高端",
    "茶友",
    "投诉过",
    "生日关怀",
)
_FIRM_TAGS = (
    "集采",
    "年框协议",
    "福利采购",
    "酒店布草",
    "账期客户",
    "展会",
    "重点跟进",
    "渠道",
    "招投标",
    "礼品定制",
)
_HOUSES = ("apartment", "villa", "rented", "dormitory")
_CYCLES = ("monthly", "quarterly", "half_yearly", "yearly")
_BANKS = ("中国工商银行", "中国建设银行", "招商银行", "中国农业银行", "交通银行")
_TITLES = ("采购经理", "行政主管", "总经理", "财务经理", "办公室主任", "店长", "工程部经理")


@dataclass(frozen=True, slots=True)
class Born:
    """When the demo takes place, for what depends on the day somebody was entered."""

    day: date
    rich: bool


def person(by: Random, city: City, born: Born) -> Draft:
    """A customer who is a person."""
    if by.random() < 0.008:
        return _foreigner(by, city)
    female = by.random() < 0.56
    birth = born.day - timedelta(days=int(by.triangular(19, 74, 34) * 365.25) + by.randrange(365))
    place = place_in(city, by)
    phone = mobile(by)
    contacts = [ContactDraft(phone, "phone", "mobile", _CONSENTS.draw(by), primary=True)]
    contacts += _more_contacts(by, city, phone)
    card = born.rich and by.random() < 0.12
    cards = [CertificateDraft(identity_card(by, place.code, birth, female))] if card else []
    return Draft(
        name=chinese_name(by, birth.year, female), kind="person", contacts=contacts,
        gender=("female" if female else "male") if by.random() < 0.8 else "",
        birthday=birth if by.random() < 0.55 else None,
        addresses=[AddressDraft(home_address(place, by), "home", primary=True)] if by.random() < 0.82 else [],
        certificates=cards, source=_SOURCES.draw(by), relation_kind="consumer", type=_TYPES.draw(by),
        tags=_tags(by, _HOME_TAGS, 0.22), note=note_about(by, False) if by.random() < 0.1 else "",
        custom=_home_fields(by) if born.rich else {},
    )  # fmt: skip


def organisation(by: Random, city: City, born: Born) -> Draft:
    """A customer that is a firm, a shop or a firm from abroad."""
    way = by.random()
    if way < 0.025:
        return _foreign_firm(by)
    found = shop(by, city.name) if way < 0.2 else firm(by, city.name)
    place = place_in(city, by)
    brand = latin(found.brand)
    contacts = [ContactDraft(landline(by, city), "phone", "work", primary=True)]
    contacts += (
        [ContactDraft(mobile(by), "phone", "mobile", _CONSENTS.draw(by))] if by.random() < 0.55 else []
    )
    contacts += [ContactDraft(office_mail(by, brand), "email", "work")] if by.random() < 0.6 else []
    contacts += (
        [ContactDraft(f"www.{brand.lower()}.example", "website", "work")] if by.random() < 0.15 else []
    )
    code = by.random() < (0.45 if born.rich else 0.1)
    return Draft(
        name=found.name, kind="organisation", legal_name=found.legal_name if by.random() < 0.7 else "",
        english_name=found.english_name, industry=found.trade.industry, contacts=contacts,
        addresses=[AddressDraft(office_address(place, by), "registered", primary=True)] if by.random() < 0.9 else [],
        certificates=[CertificateDraft(credit_code(by, place.code), "credit_code")] if code else [],
        source=_SOURCES.draw(by), relation_kind="intermediary" if "贸" in found.trade.chinese else "public",
        type=_TYPES.draw(by), grade="bc"[by.random() < 0.6], tags=_tags(by, _FIRM_TAGS, 0.3),
        facts=_facts(by, found, born) if born.rich and by.random() < 0.5 else [],
        note=note_about(by, True) if by.random() < 0.16 else "", custom=_firm_fields(by) if born.rich else {},
    )  # fmt: skip


def key_person(by: Random, day: date) -> tuple[str, str, str]:
    """Name, mobile number and position of somebody who decides at a firm."""
    name = chinese_name(by, day.year - by.randint(27, 58), by.random() < 0.42)
    return name, mobile(by), by.choice(_TITLES)


def _foreigner(by: Random, city: City) -> Draft:
    female = by.random() < 0.5
    name = foreign_name(by, female)
    phone = mobile(by)
    mail = f"{name.split()[0].lower()}.{by.randrange(1000)}@mail.example"
    return Draft(
        name=name, english_name=name, gender="female" if female else "male", source="web",
        relation_kind="consumer", country=by.choice(["US", "DE", "JP", "KR", "SG", "FR", "GB"]),
        contacts=[ContactDraft(phone, "phone", "mobile"), ContactDraft(mail, "email", "home", "granted")],
        addresses=[AddressDraft(home_address(place_in(city, by), by), "home")],
    )  # fmt: skip


def _foreign_firm(by: Random) -> Draft:
    found = foreign_firm(by)
    number = (
        f"+44 20 7946 {by.randrange(1000):04d}"
        if by.random() < 0.5
        else f"+1 202 555 {by.randrange(100, 200):04d}"
    )
    return Draft(
        name=found.name, kind="organisation", legal_name=found.name, english_name=found.name, source="exhibition",
        country="GB" if number.startswith("+44") else "US", relation_kind="intermediary", industry="批发和零售业",
        contacts=[ContactDraft(number, "phone", "work"), ContactDraft(office_mail(by, found.brand), "email", "work")],
        addresses=[AddressDraft(f"{by.randint(1, 240)} {found.brand} Road", "registered")], tags=["外贸"],
    )  # fmt: skip


def _more_contacts(by: Random, city: City, phone: str) -> list[ContactDraft]:
    found = []
    if by.random() < 0.34:
        found.append(ContactDraft(private_mail(by, phone), "email", "home", _CONSENTS.draw(by)))
    if by.random() < 0.22:
        found.append(ContactDraft(f"wx{by.randrange(36**7):x}", "wechat", "other", _CONSENTS.draw(by)))
    if by.random() < 0.07:
        found.append(ContactDraft(landline(by, city), "phone", "home"))
    return found


def _tags(by: Random, tags: tuple[str, ...], share: float) -> list[str]:
    return by.sample(tags, 1 + (by.random() < 0.25)) if by.random() < share else []


def _home_fields(by: Random) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    if by.random() < 0.35:
        values["house_type"] = by.choice(_HOUSES)
    if by.random() < 0.3:
        values["family_size"] = by.choice([1, 2, 2, 3, 3, 3, 4, 4, 5])
    return values


def _firm_fields(by: Random) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    if by.random() < 0.4:
        values["purchase_cycle"] = by.choice(_CYCLES)
    if by.random() < 0.25:
        values["annual_budget"] = by.choice([2, 5, 8, 10, 20, 30, 50]) * 10_000
    return values


def _facts(by: Random, found: Firm, born: Born) -> list[OrganisationFactDraft]:
    founded = born.day.year - by.randint(2, 26)
    representative = chinese_name(by, by.randint(1958, 1992), by.random() < 0.3)
    told = {
        "founded": f"{founded}年{by.randint(1, 12)}月",
        "legal_form": found.form,
        "legal_representative": representative,
        "registered_capital": f"{by.choice([50, 100, 200, 500, 1000, 3000, 5000])}万元人民币",
        "employees": str(by.choice([8, 15, 22, 36, 50, 80, 120, 200, 460])),
        "business_scope": found.trade.products,
        "bank": by.choice(_BANKS),
        "annual_revenue": f"约{by.choice([300, 800, 1500, 3000, 8000, 20000])}万元",
        "credit": by.choice(["良好", "良好", "一般", "优秀"]),
        "terms": by.choice(["款到发货", "月结30天", "月结60天", "预付30%"]),
        "attitude": by.choice(["友好", "重视价格", "重视质量与交期", "希望长期合作"]),
        "rivals": by.choice(["同时向两家采购", "认为竞品价格略低", "对竞品交期不满", "无"]),
    }
    keys = by.sample(list(told), by.randint(3, 9))
    sources = ("survey", "third_party", "registration", "service")
    return [
        OrganisationFactDraft(
            key, told[key], by.choice(sources), born.day - timedelta(days=by.randrange(200))
        )
        for key in keys
    ]
