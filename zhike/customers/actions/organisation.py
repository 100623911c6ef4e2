"""Facts about organisations, and the ids that other systems give a customer."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.customers.actions.contacts import Customer
from zhike.customers.checks import Errors, check_word
from zhike.customers.models import ExternalId, OrganisationFact
from zhike.customers.organisation_keys import ORGANISATION_FACTS
from zhike.customers.records import conclude, open_party, require_writable, today_of
from zhike.customers.store import check_external_ids
from zhike.customers.types.drafts import OrganisationFactDraft
from zhike.customers.types.words import PartyKind, Source
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.saved import Saved


@action(
    "customers.set_organisation_facts", resource="customers", label=gettext_lazy("Set organisation facts"),
    permission="customers.update",
)  # fmt: skip
def set_organisation_facts(
    context: Context,
    customer: Customer,
    facts: Annotated[
        list[OrganisationFactDraft], Bound(min_length=1, max_length=50), about(gettext_lazy("Facts"))
    ],
) -> Saved:
    """Set facts about an organisation, each with its source and date. An empty value withdraws a fact; the old
    values stay on record."""
    party = open_party(context, customer)
    require_writable(context, ["organisation"])
    if party.kind != PartyKind.ORGANISATION:
        raise Invalid({"customer": _("Only an organisation can be this.")})
    _check(facts)
    before = {row.key: row for row in OrganisationFact.objects.filter(party=party, replaced_at=None)}
    told, fresh, gone = {}, [], []
    for fact in {fact.key: fact for fact in facts}.values():
        old, value = before.get(fact.key), fact.value.strip()
        as_of = fact.as_of or today_of(context.now)
        if old and (old.value, old.source, old.as_of_date) == (value, fact.source, as_of):
            continue
        if old:
            gone.append(old.pk)
        if value:
            fresh.append(OrganisationFact(
                party=party, group=ORGANISATION_FACTS[fact.key][0].value, key=fact.key, value=value,
                source=fact.source, as_of_date=as_of, created_at=context.now,
            ))  # fmt: skip
        told[f"organisation.{fact.key}"] = (old.value if old else None, value or None)
    OrganisationFact.objects.filter(pk__in=gone).update(replaced_at=context.now)
    OrganisationFact.objects.bulk_create(fresh)
    if not told:
        return Saved(party.pk, party.version)
    return conclude(context, party, "customers.organisation_facts_set", changes=told, derived=True)


def _check(facts: list[OrganisationFactDraft]) -> None:
    errors: Errors = {}
    for index, fact in enumerate(facts):
        check_word(errors, f"facts.{index}.key", fact.key, frozenset(ORGANISATION_FACTS))
        check_word(errors, f"facts.{index}.source", fact.source, frozenset(Source.values))
        if len(fact.value) > 1000:
            errors[f"facts.{index}.value"] = [
                _("At most %(max_length)s characters fit here.") % {"max_length": 1000}
            ]
    if errors:
        raise Invalid(errors)


@action(
    "customers.set_external_id", resource="customers", label=gettext_lazy("Set id in another system"),
    permission="customers.update",
)  # fmt: skip
def set_external_id(
    context: Context,
    customer: Customer,
    source: Annotated[str, Bound(min_length=1, max_length=60), about(gettext_lazy("System"))],
    value: Annotated[str, Bound(max_length=120), about(gettext_lazy("Id"))],
) -> Saved:
    """Say what another system calls this customer; an empty id takes it away."""
    party = open_party(context, customer)
    require_writable(context, ["external_id"])
    rows = ExternalId.objects.filter(party=party, source=source)
    before = sorted(rows.values_list("value", flat=True))
    if before == ([value] if value else []):
        return Saved(party.pk, party.version)
    if value and value not in before:
        check_external_ids([(source, value)])
    rows.delete()
    if value:
        ExternalId(party=party, source=source, value=value).save(force_insert=True)
    told = {"external_id": (before, value or None)}
    return conclude(context, party, "customers.external_id_set", changes=told, data={"source": source})
