"""Who acts: a frozen description that every action and query receives. Nothing is read from a request."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from zhike.kernel.errors import NotAllowed
from zhike.kernel.ids import uuid7
from zhike.kernel.rights import NO_RIGHTS, Rights

SYSTEM_ID = UUID("00000000-0000-7000-8000-000000000001")


class ActorKind(StrEnum):
    """What sort of actor stands behind a deed."""

    STAFF = "staff"
    CUSTOMER = "customer"
    INTEGRATION = "integration"
    AUTOMATION = "automation"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone or something that acts, with the rights resolved for this request.

    `unit_ids_below` holds the own unit and all units below it, `unit_ids_above` the own and all above. Who acts with
    an API token has its id in `token`, and `scopes` narrow the actions further; None means no narrowing.
    """

    kind: ActorKind
    id: UUID
    name: str
    rights: Rights = NO_RIGHTS
    unit_id: UUID | None = None
    unit_ids_below: frozenset[UUID] = frozenset()
    unit_ids_above: frozenset[UUID] = frozenset()
    roles: tuple[str, ...] = ()
    locale: str = "zh-hans"
    scopes: frozenset[str] | None = None
    token: UUID | None = None

    def may(self, permission: str) -> bool:
        """Whether the roles, and the token's scopes if there is a token, allow `permission`."""
        return self.rights.allows(permission) and (
            self.scopes is None or Rights(actions=self.scopes).allows(permission)
        )

    def require(self, permission: str) -> None:
        """Raise NotAllowed unless `may(permission)`."""
        if not self.may(permission):
            raise NotAllowed(permission=permission)


def system(name: str = "system") -> Actor:
    """The system itself, with every right: for jobs and first start."""
    return Actor(kind=ActorKind.SYSTEM, id=SYSTEM_ID, name=name, rights=Rights.everything())


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of one deed: who, when, through which door, under which idempotency key, and why."""

    actor: Actor
    now: datetime
    channel: str = "python"
    key: str | None = None
    request_id: UUID = field(default_factory=uuid7)
    reason: str = ""

    def require(self, permission: str) -> None:
        """Raise NotAllowed unless the actor may."""
        self.actor.require(permission)

    def because(self, reason: str) -> Context:
        """The same circumstances with a stated reason."""
        return replace(self, reason=reason)
