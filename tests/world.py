"""The cast: one small company whose people every test knows, at one fixed moment.

    def test_something(world: World) -> None:
        context = world.context(world.rep)

Units: 总公司 > 华东区 > 上海一部, 杭州部; 总公司 > 华南区 > 深圳部. Rooms add their own makers (customers, …) as plain
functions in `tests/<room>/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

import pytest
from django.contrib.auth.hashers import make_password

from zhike.kernel.actor import Actor, Context, system
from zhike.kernel.ids import uuid7
from zhike.kernel.models import Unit, User
from zhike.kernel.staff import actor_of, path_of

# A Thursday, 14:30 in Shanghai.
NOW = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


@lru_cache(maxsize=1)
def _hashed() -> str:
    return make_password(PASSWORD)


def make_unit(name: str, parent: Unit | None = None, region: str = "") -> Unit:
    """A unit, straight into the database."""
    new = uuid7()
    return Unit.objects.create(id=new, name=name, parent=parent, path=path_of(parent, new), region=region)


def make_user(username: str, name: str, unit: Unit | None, *roles: str) -> User:
    """A member of staff who signs in with `PASSWORD`, straight into the database."""
    return User.objects.create(
        username=username, name=name, unit=unit, roles=list(roles), created_at=NOW, password=_hashed(),
        email=f"{username}@example.com",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class World:
    """The units and people of the company."""

    company: Unit
    east: Unit
    shanghai: Unit
    hangzhou: Unit
    south: Unit
    shenzhen: Unit
    admin: User
    director: User
    manager: User
    rep: User
    colleague: User
    stranger: User
    agent: User
    analyst: User
    auditor: User

    def actor(self, user: User) -> Actor:
        """The actor behind a person, as the database has them now."""
        return actor_of(User.objects.get(pk=user.pk))

    def context(
        self,
        user: User | None = None,
        *,
        now: datetime = NOW,
        key: str | None = None,
        channel: str = "python",
        reason: str = "",
    ) -> Context:
        """The circumstances of a deed by this person; of the system without one."""
        actor = system() if user is None else self.actor(user)
        return Context(actor, now, channel, key, reason=reason)

    def people(self) -> dict[str, User]:
        """Everybody by their user name."""
        everyone = (
            self.admin, self.director, self.manager, self.rep, self.colleague,
            self.stranger, self.agent, self.analyst, self.auditor,
        )  # fmt: skip
        return {user.username: user for user in everyone}

    def person(self, user_id: UUID) -> User:
        """The person of this id."""
        return next(user for user in self.people().values() if user.id == user_id)


def make_world() -> World:
    """Write the cast into the database."""
    company = make_unit("总公司")
    east = make_unit("华东区", company, "华东")
    shanghai, hangzhou = make_unit("上海一部", east, "华东"), make_unit("杭州部", east, "华东")
    south = make_unit("华南区", company, "华南")
    shenzhen = make_unit("深圳部", south, "华南")
    return World(
        company, east, shanghai, hangzhou, south, shenzhen,
        admin=make_user("admin", "管理员", company, "administrator"),
        director=make_user("director", "周总", company, "director"),
        manager=make_user("manager", "陈经理", east, "sales_manager"),
        rep=make_user("rep", "李明", shanghai, "sales_rep"),
        colleague=make_user("colleague", "王芳", shanghai, "sales_rep"),
        stranger=make_user("stranger", "黄志强", shenzhen, "sales_rep"),
        agent=make_user("agent", "赵客服", company, "service_agent"),
        analyst=make_user("analyst", "孙分析", company, "analyst"),
        auditor=make_user("auditor", "吴审计", company, "auditor"),
    )  # fmt: skip


@pytest.fixture
def world(db: None) -> World:
    """The cast in a database that is rolled back after the test.

    A test that needs several connections asks for `transactional_db` beside it.
    """
    return make_world()
