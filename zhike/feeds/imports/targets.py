"""The fields that a column of a file can go to, by all their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from zhike.customers.queries import CUSTOMERS
from zhike.customers.types import (
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
from zhike.feeds.files.labels import LABELS
from zhike.feeds.files.mapping import Target
from zhike.kernel.actor import Actor
from zhike.kernel.fields import Field, right_on
from zhike.kernel.rights import FieldRight

LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True, slots=True)
class Goal:
    """A field that a column can go to. `kind` tells how its values look (see `files.labels`), `right` names the line of
    roles.yaml that governs it."""

    name: str
    label: Any
    kind: str = "text"
    many: bool = False
    right: str = ""
    also: tuple[str, ...] = ()
    field: Field | None = None


_WHO: tuple[Goal, ...] = (
    Goal("name", _("Name"), "name"),
    Goal("family_name", _("Family name"), "family_name", right="name"),
    Goal("given_name", _("Given name"), "given_name", right="name"),
    Goal("company", _("Company"), "company", right="name", also=("Organization", "公司")),
    Goal("kind", _("Person or organisation"), also=("客户性质", "个人或企业", "客户类别")),
    Goal("legal_name", _("Full legal name"), right="name"),
    Goal("english_name", _("English name"), right="name", also=("英文名",)),
    Goal("gender", _("Gender"), "gender"),
    Goal("birthday", _("Birthday"), "date", also=("生日", "出生日期", "birthday", "date of birth")),
    Goal("industry", _("Industry"), also=("行业", "所属行业")),
)
_WHERE: tuple[Goal, ...] = (
    Goal("phone", _("Phone"), "phone", many=True),
    Goal("fax", _("Fax"), many=True, right="phone", also=("传真", "传真号码")),
    Goal("email", _("E-mail"), "email", many=True),
    Goal("wechat", _("WeChat"), right="social", also=("微信", "微信号", "weixin")),
    Goal("qq", _("QQ"), right="social", also=("QQ号",)),
    Goal("website", _("Website"), "url", right="social", also=("网址", "官网", "URL 1")),
    Goal("address", _("Address"), "address", also=("Address 1 street",)),
    Goal("province", _("Province"), "province", right="address", also=("Address 1 region",)),
    Goal("city", _("City"), "city", right="address", also=("Address 1 city",)),
    Goal("district", _("District"), "district", right="address"),
    Goal("postcode", _("Postcode"), "postal_code", right="address", also=("Address 1 postal code",)),
    Goal("country", _("Country"), "country", also=("Address 1 country",)),
)
_PAPERS: tuple[Goal, ...] = (
    Goal("id_card", _("Resident identity card"), "id_card", right="certificate"),
    Goal("credit_code", _("Unified social credit code"), "credit_code", right="certificate"),
    Goal("passport", _("Passport"), right="certificate", also=("护照", "护照号")),
    Goal("number", _("Customer number"), also=("客户号", "知客编号")),
    Goal(
        "external_id", _("Id in another system"), "number", right="number", also=("外部编号", "会员号", "UID")
    ),
)
_KIND: tuple[Goal, ...] = (
    Goal("state", _("State"), also=("客户状态", "状态", "status")),
    Goal("relation_kind", _("Relation to us")),
    Goal("type", _("Type")),
    Goal("bond", _("Bond")),
    Goal("stage", _("Lifecycle stage")),
    Goal("relation_stage", _("Relation stage")),
    Goal("grade", _("Grade"), also=("等级", "客户等级", "级别", "level")),
    Goal("source", _("Source"), also=("客户来源", "来源", "lead source")),
    Goal("owner", _("Account manager"), also=("客户经理", "负责人", "业务员", "所有者", "owner")),
    Goal("unit", _("Unit"), also=("所属机构", "网点")),
    Goal("roles", _("Roles")),
    Goal("tags", _("Tags"), "tag", right="tag", also=("Categories",)),
    Goal("position", _("Position"), "title", right="note", also=("Title",)),
    Goal("department", _("Department"), "department", right="note"),
    Goal("note", _("Note"), "note", many=True, right="note"),
)  # fmt: skip
WORDS: Mapping[str, Any] = {
    "kind": PartyKind, "gender": Gender, "state": State, "relation_kind": RelationKind, "type": CustomerType,
    "bond": Bond, "stage": Stage, "relation_stage": RelationStage, "grade": Grade, "source": Source,
    "roles": RoleName,
}  # fmt: skip
_KINDS_OF_CUSTOM = {
    "date": "date", "number": "number", "money": "money", "yes_no": "boolean", "phone": "phone", "email": "email",
    "link": "url", "moment": "moment",
}  # fmt: skip


def goals(actor: Actor) -> dict[str, Goal]:
    """The fields the actor may write, user-defined ones included, by name."""
    declared = {goal.name: goal for goal in (*_WHO, *_WHERE, *_PAPERS, *_KIND) if _writable(actor, goal)}
    for name, field in CUSTOMERS.all_fields().items():
        if field.custom and right_on(actor, CUSTOMERS, field) >= FieldRight.WRITE:
            kind = _KINDS_OF_CUSTOM.get(field.kind.value, "text")
            declared[f"custom.{name}"] = Goal(f"custom.{name}", field.label, kind, field=field)
    return declared


def _writable(actor: Actor, goal: Goal) -> bool:
    right = actor.rights.field(CUSTOMERS.name, goal.right or goal.name)
    # What hangs on a customer is written by whoever may see something of it (see `customers.records.require_seen`).
    hanging = goal.right in ("certificate", "tag", "note", "social", "phone", "address")
    return right > FieldRight.HIDDEN if hanging else right >= FieldRight.WRITE


def both_languages(label: Any) -> tuple[str, ...]:
    """A label in every language of the program."""
    found = []
    for language in LANGUAGES:
        with override(language):
            found.append(str(label))
    return tuple(dict.fromkeys(found))


def targets(actor: Actor) -> list[Target]:
    """The same for the suggestion of a mapping: every name in every language."""
    return [
        Target(
            goal.name,
            (*both_languages(goal.label), *goal.also, *_own_labels(goal), goal.name.removeprefix("custom.")),
            goal.kind,
            goal.many,
        )
        for goal in goals(actor).values()
    ]


def _own_labels(goal: Goal) -> tuple[str, ...]:
    """The names a column of this kind goes by, where the kind belongs to this field alone: then odd values in the
    column do not outweigh its name."""
    return LABELS.get(goal.kind, ()) if goal.kind in _OWN_KINDS else ()


_OWN_KINDS = frozenset(
    {
        "name",
        "company",
        "phone",
        "email",
        "gender",
        "address",
        "province",
        "city",
        "district",
        "country",
        "id_card",
    }
)


def words_of(name: str) -> dict[str, str]:
    """What a choice may be called in a file, in small letters, and the word it stands for."""
    found: dict[str, str] = {}
    for value, label in WORDS[name].choices:
        for text in (value, *both_languages(label)):
            found[text.casefold()] = value
    return {**found, **_MORE_WORDS.get(name, {})}


_MORE_WORDS: Mapping[str, Mapping[str, str]] = {
    "gender": {
        "m": "male", "f": "female", "男": "male", "女": "female", "先生": "male", "女士": "female", "小姐": "female",
        "mr": "male", "mrs": "female", "ms": "female", "男性": "male", "女性": "female", "未知": "", "保密": "",
    },
    "kind": {
        "个人": "person", "企业": "organisation", "公司": "organisation", "单位": "organisation", 
        "机构": "organisation", "company": "organisation", "organization": "organisation", "individual": "person",
        "个人客户": "person",
        "企业客户": "organisation", "自然人": "person", "法人": "organisation",
    },
    "grade": {"重点": "key", "a级": "a", "b级": "b", "c级": "c", "d级": "d", "vip": "key", "重点客户": "key"},
    "state": {"潜在": "potential", "意向": "target", "成交": "actual", "流失": "lost", "现有": "actual",
              "潜在客户": "potential", "目标客户": "target", "现实客户": "actual", "成交客户": "actual", 
              "流失客户": "lost",              "非客户": "non_customer"},
    "source": {"网站": "web", "转介绍": "referral", "展会": "exhibition", "电销": "telemarketing", "推荐": "referral"},
}  # fmt: skip
COUNTRIES: Mapping[str, str] = {
    "中国": "CN", "中华人民共和国": "CN", "china": "CN", "prc": "CN", "中国大陆": "CN", "香港": "HK", "中国香港": "HK",
    "hong kong": "HK", "澳门": "MO", "中国澳门": "MO", "macau": "MO", "台湾": "TW", "中国台湾": "TW", "taiwan": "TW",
    "美国": "US", "usa": "US", "united states": "US", "英国": "GB", "uk": "GB", "united kingdom": "GB", "日本": "JP",
    "japan": "JP", "韩国": "KR", "south korea": "KR", "德国": "DE", "germany": "DE", "法国": "FR", "france": "FR",
    "新加坡": "SG", "singapore": "SG", "澳大利亚": "AU", "australia": "AU", "加拿大": "CA", "canada": "CA",
    "意大利": "IT", "italy": "IT", "西班牙": "ES", "spain": "ES", "俄罗斯": "RU", "russia": "RU", "印度": "IN",
    "india": "IN", "马来西亚": "MY", "malaysia": "MY", "泰国": "TH", "thailand": "TH", "越南": "VN", "vietnam": "VN",
}  # fmt: skip


def label_of(goal: Goal) -> str:
    """The label in the active language."""
    return gettext(str(goal.label)) if isinstance(goal.label, str) else str(goal.label)


def label_named(name: str) -> str:
    """The label of the field of this name in the active language; the name itself where no field has it."""
    for goal in (*_WHO, *_WHERE, *_PAPERS, *_KIND):
        if goal.name == name:
            return label_of(goal)
    field = CUSTOMERS.all_fields().get(name.removeprefix("custom."))
    return str(field.label) if field else name
