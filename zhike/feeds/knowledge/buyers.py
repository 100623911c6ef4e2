"""The customers that purchase lines name: found by their id in the source, or made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from zhike.customers.actions import create_many
from zhike.customers.queries import ids_by_external, ids_in_bin_by_external
from zhike.customers.types import Draft
from zhike.feeds.knowledge.keys import ensure_keys
from zhike.kernel.actor import Context
from zhike.kernel.slices import slices

_AT_ONCE = 2_000
_LONGEST = 120


class Buyers:
    """The warehouse keys of the buyers of one import, by their code in the source."""

    def __init__(self, source: str, import_id: UUID) -> None:
        self.keys: dict[str, int] = {}
        self._source = source
        self._import = import_id
        self._unknown: set[str] = set()

    def resolve(self, context: Context, codes: Sequence[str]) -> None:
        """Find or make the customers behind codes, in the caller's transaction.

        Customers in the recycle bin keep their purchases. Whoever may not make customers keeps lines of unknown ones.
        """
        new = [code for code in codes if code not in self.keys and code not in self._unknown]
        for some in slices(new, _AT_ONCE):
            self._take(ids_by_external(self._source, some))
            self._take(ids_in_bin_by_external(self._source, self._missing(some)))
            if context.actor.may("customers.create"):
                self._make(context, [code for code in self._missing(some) if len(code) <= _LONGEST])
            self._unknown.update(self._missing(some))

    def _missing(self, codes: Sequence[str]) -> list[str]:
        return [code for code in codes if code not in self.keys]

    def _take(self, found: Mapping[str, UUID]) -> None:
        keys = ensure_keys(found.values())
        self.keys.update({code: keys[party] for code, party in found.items()})

    def _make(self, context: Context, codes: Sequence[str]) -> None:
        drafts = [
            Draft(name=_("Customer %(code)s") % {"code": code}, external_ids=((self._source, code),))
            for code in codes
        ]
        made = create_many(context, drafts).made if drafts else {}
        keys = ensure_keys([each.id for each in made.values()], import_id=self._import)
        self.keys.update({codes[at]: keys[each.id] for at, each in made.items()})
