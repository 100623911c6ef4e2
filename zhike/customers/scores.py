"""The scores that customers can have. Insight adds a line here; lists, conditions and pages follow."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.kernel.fields import Choice, Field, Kind


@dataclass(frozen=True, slots=True)
class ScoreDefinition:
    """One score. A score of words (`choices`) is kept as a label, any other as a figure."""

    name: str
    label: Promise
    kind: Kind = Kind.NUMBER
    choices: tuple[Choice, ...] = ()
    help: Promise | str = ""

    @property
    def column(self) -> str:
        """Where the score is kept."""
        return "label" if self.kind in (Kind.CHOICE, Kind.TEXT) else "value"


_TIERS = (
    Choice("platinum", _("Platinum")),
    Choice("gold", _("Gold")),
    Choice("iron", _("Iron")),
    Choice("lead", _("Lead")),
)
_RFM_TYPES = (
    Choice("important_value", _("Important value customer")),
    Choice("important_develop", _("Important customer to develop")),
    Choice("important_keep", _("Important customer to keep")),
    Choice("important_win_back", _("Important customer to win back")),
    Choice("general_value", _("General value customer")),
    Choice("general_develop", _("General customer to develop")),
    Choice("general_keep", _("General customer to keep")),
    Choice("general_win_back", _("General customer to win back")),
)

DEFINITIONS: tuple[ScoreDefinition, ...] = (
    ScoreDefinition("value_tier", _("Value tier"), Kind.CHOICE, _TIERS),
    ScoreDefinition("recency_days", _("Days since last purchase")),
    ScoreDefinition("frequency", _("Purchases in the period")),
    ScoreDefinition("monetary", _("Amount in the period"), Kind.MONEY),
    ScoreDefinition("r", _("R band"), help=_("How recent, 5 is best")),
    ScoreDefinition("f", _("F band"), help=_("How often, 5 is best")),
    ScoreDefinition("m", _("M band"), help=_("How much, 5 is best")),
    ScoreDefinition("rfm_code", _("RFM code"), Kind.TEXT),
    ScoreDefinition("rfm_type", _("RFM type"), Kind.CHOICE, _RFM_TYPES),
)
BY_NAME = {definition.name: definition for definition in DEFINITIONS}


def relation_name(score: str) -> str:
    """The name of the join that brings one score to a customer."""
    return f"score_{score}"


def score_fields() -> dict[str, Field]:
    """The scores as fields of the customer, found through the (name, value, party) index."""
    return {
        item.name: Field(
            item.name,
            item.label,
            item.kind,
            f"{relation_name(item.name)}__{item.column}",
            choices=item.choices,
            section=_("Scores"),
            help=item.help,
            sortable=item.column == "value",
            score=item.name,
            column=item.name,
        )
        for item in DEFINITIONS
    }
