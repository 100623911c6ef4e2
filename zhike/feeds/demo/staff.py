"""The people of the company and the tree of its units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from zhike.feeds.demo.dice import dice
from zhike.feeds.demo.people import chinese_name
from zhike.kernel.actor import Actor, Context, system
from zhike.kernel.own_account import share_password
from zhike.kernel.staff import actor_by_id
from zhike.kernel.staff_actions import create as create_staff
from zhike.kernel.unit_actions import create as create_unit

COMPANY = "晏禾家居用品有限公司"
# Of each region: the branch units and how many account managers work there.
REGIONS: dict[str, tuple[tuple[str, int], ...]] = {
    "华东": (("上海一部", 3), ("上海二部", 1), ("杭州部", 2), ("南京部", 1)),
    "华南": (("广州部", 1), ("深圳部", 2)),
    "华北": (("北京部", 2), ("青岛部", 1)),
    "华中": (("武汉部", 1), ("长沙部", 1)),
    "西南": (("成都部", 1), ("西安部", 1)),
}
_OFFICES = ("客户服务中心", "数据分析部", "审计部", "信息技术部")
# One of each role under a name that is easy to remember: user name, name, role, unit.
_KNOWN = (
    ("admin", "方晓明", "administrator", "信息技术部"),
    ("director", "周建国", "director", COMPANY),
    ("manager", "陈静", "sales_manager", "华东区"),
    ("rep", "李明", "sales_rep", "上海一部"),
    ("agent", "赵丽", "service_agent", "客户服务中心"),
    ("analyst", "孙博文", "analyst", "数据分析部"),
    ("auditor", "吴敏", "auditor", "审计部"),
)


@dataclass(frozen=True, slots=True)
class Rep:
    """An account manager with the unit and the region they work in."""

    actor: Actor
    unit: UUID
    region: str


@dataclass(slots=True)
class Staff:
    """Who works in the company: units by name, actors by user name, account managers by region."""

    units: dict[str, UUID] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    reps: dict[str, list[Rep]] = field(default_factory=dict)


def build_staff(seed: int, begins: datetime, password: str) -> Staff:
    """Make units and people on the day the demo begins; everybody signs in with `password`."""
    context = Context(system(), begins - timedelta(days=30), "start")
    staff = Staff()
    _build_units(context, staff)
    for username, name, role, unit in _everybody(seed):
        made = create_staff(
            context, username=username, name=name, roles=[role], unit=staff.units[unit],
            email=f"{username}@yanhe.example",
        )  # fmt: skip
        staff.actors[username] = actor_by_id(made.id)
        region = next((name for name, branches in REGIONS.items() if unit in dict(branches)), "")
        if role == "sales_rep":
            rep = Rep(staff.actors[username], staff.units[unit], region)
            staff.reps.setdefault(region, []).append(rep)
    share_password([actor.id for actor in staff.actors.values()], password, context)
    return staff


def _build_units(context: Context, staff: Staff) -> None:
    top = staff.units[COMPANY] = create_unit(context, name=COMPANY).id
    for office in _OFFICES:
        staff.units[office] = create_unit(context, name=office, parent=top).id
    for region, branches in REGIONS.items():
        above = staff.units[f"{region}区"] = create_unit(
            context, name=f"{region}区", parent=top, region=region
        ).id
        for branch, _people in branches:
            staff.units[branch] = create_unit(context, name=branch, parent=above, region=region).id


def _everybody(seed: int) -> Iterator[tuple[str, str, str, str]]:
    """User name, name, role and unit of everybody."""
    yield from _KNOWN
    by = dice(seed, "staff")
    for number, region in enumerate(REGIONS, 1):
        if number > 1:
            yield f"manager{number}", _name(by), "sales_manager", f"{region}区"
    number = 1
    for branches in REGIONS.values():
        for branch, people in branches:
            for _person in range(people - (branch == "上海一部")):
                number += 1
                yield f"rep{number}", _name(by), "sales_rep", branch
    for number in (2, 3):
        yield f"agent{number}", _name(by), "service_agent", "客户服务中心"


def _name(by: Random) -> str:
    return chinese_name(by, by.randint(1975, 1998), by.random() < 0.45)
