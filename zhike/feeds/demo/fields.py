"""Fields of the company's own, and the lists its people look at."""

from __future__ import annotations

from typing import Any

from zhike.kernel.actor import Context
from zhike.kernel.field_actions import FieldRules, define
from zhike.kernel.fields import Kind
from zhike.kernel.views import save, share

_PERSON = {"field": "kind", "op": "eq", "value": "person"}
_FIRM = {"field": "kind", "op": "eq", "value": "organisation"}


def _choices(*pairs: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label_zh": chinese, "label_en": english} for value, chinese, english in pairs]


_FIELDS: tuple[tuple[str, Kind, dict[str, Any]], ...] = (
    ("house_type", Kind.CHOICE, {
        "label_zh": "住房类型", "label_en": "Home", "section": "家庭", "shown_if": _PERSON,
        "choices": _choices(
            ("apartment", "商品房", "Flat"), ("villa", "别墅", "House"), ("rented", "租房", "Rented"),
            ("dormitory", "宿舍", "Dormitory"),
        ),
    }),
    ("family_size", Kind.NUMBER, {
        "label_zh": "家庭人数", "label_en": "People at home", "section": "家庭", "minimum": "1", "maximum": "20",
        "shown_if": _PERSON,
    }),
    ("purchase_cycle", Kind.CHOICE, {
        "label_zh": "采购周期", "label_en": "Buys every", "section": "采购", "shown_if": _FIRM,
        "choices": _choices(
            ("monthly", "每月", "Month"), ("quarterly", "每季度", "Quarter"), ("half_yearly", "每半年", "Half-year"),
            ("yearly", "每年", "Year"),
        ),
    }),
    ("annual_budget", Kind.MONEY, {
        "label_zh": "年采购预算", "label_en": "Yearly budget", "section": "采购", "minimum": "0", "shown_if": _FIRM,
    }),
)  # fmt: skip


def define_fields(context: Context) -> None:
    """Define the company's own fields of customers."""
    for key, kind, rules in _FIELDS:
        define(context, "customers", key, kind, FieldRules.model_validate(rules))


def _test(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def _all(*tests: dict[str, Any]) -> dict[str, Any]:
    return {"and": list(tests)}


_COLUMNS = ["name", "number", "grade", "phone", "city", "owner", "value_tier", "monetary", "recency_days"]
_VIEWS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("重点企业客户", _all(_FIRM, _test("grade", "eq", "key")), "-updated_at"),
    ("铂金与黄金客户", _test("value_tier", "in", ["platinum", "gold"]), "-monetary"),
    (
        "高价值沉睡客户",
        _all(_test("value_tier", "in", ["platinum", "gold"]), _test("recency_days", "ge", 150)),
        "-recency_days",
    ),
    ("已流失客户", _test("state", "eq", "lost"), "-updated_at"),
    ("待完善档案", _test("quality", "lt", 45), "quality"),
    ("本月新客户", _test("created_at", "last_days", 30), "-created_at"),
)


def save_views(context: Context) -> None:
    """Save lists and share them with everybody."""
    for name, condition, sort in _VIEWS:
        view = save(context, "customers", name, condition=condition, columns=_COLUMNS, sort=sort)
        share(context, view.id, with_all=True)
