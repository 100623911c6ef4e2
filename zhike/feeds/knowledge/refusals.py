"""Why the purchases cannot carry a model, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.kernel.errors import Refusal

if TYPE_CHECKING:
    from zhike.insight.types import CannotCarry

# The stable codes of zhike.insight. A test holds that every code raised there has its words here.
WHY: Mapping[str, str | Promise] = {
    "absurd_amounts": _("Some amounts or figures are beyond all that can be reckoned with. Correct them first."),
    "all_equal": _(
        "All customers brought the same in this period: there is nothing to tell them apart by."
    ),
    "all_lost": _("All customers have been silent for too long: nobody is left to look at."),
    "bad_contracts": _("Some contracts end before they start. Correct them first."),
    "collinear_features": _("Some of these features follow from the others. Leave them out."),
    "constant_features": _("Some of these features are the same for all customers. Leave them out."),
    "depends": _(
        "How much customers spend hangs on how often they buy: the model of amounts does not hold here."
    ),
    "log_too_short": _("The purchases do not reach back far enough for this."),
    "no_baskets": _("There are no purchases with products in this period."),
    "no_customers": _("There are no customers to look at."),
    "no_features": _("There are no features to explain losses by."),
    "no_frequent_items": _("No product was bought often enough. Ask for less often."),
    "no_groups": _("Customers are spread evenly: there are no groups to tell apart."),
    "no_holdout": _("Nobody bought in the part of the period that was kept back to check the forecast."),
    "no_library": _("The library that this model needs is not installed (LightGBM)."),
    "no_losses": _("Nobody was lost yet: there is nothing to learn from."),
    "no_maximum": _("No model fits these purchases."),
    "no_mean": _("Amounts vary so widely that they have no mean to expect."),
    "no_purchases": _("Nobody bought anything in this period."),
    "no_renewals": _("No contract was renewed yet: there is nothing to learn from."),
    "no_repeats": _("No customer bought a second time in this period."),
    "no_rules": _("No two products were bought together often enough. Ask for less often."),
    "no_sequences": _("No products were bought one after the other often enough. Ask for less often."),
    "no_signal": _("Nothing that is known of the customers foretells who will be lost."),
    "no_time": _("All customers came at the end of this period: nothing could be seen of them yet."),
    "no_value": _("No customer brought anything in this period."),
    "nobody_at_risk": _("So few customers were observed at first that the later ones say nothing."),
    "not_identified": _("These purchases do not tell enough to fit this model."),
    "nothing_held_out": _("Nobody bought in the days after, so that the offers cannot be checked."),
    "nothing_to_learn": _("Too little was bought in the last days to learn offers from."),
    "one_group": _("It takes two groups to compare."),
    "separated": _("One of these features tells the lost from the others completely. Leave it out."),
    "several_currencies": _("Purchases in several currencies cannot be added up: choose one."),
    "too_few": _("There are too few customers for this model."),
    "too_many_itemsets": _("Too many products are bought together. Ask for more often."),
    "too_many_purchases": _("These are too many purchases at once. Take a shorter period or fewer products."),
    "too_short": _("Nobody was observed for so long. Ask for a shorter time."),
    "too_many_sequences": _("Too many products follow each other. Ask for more often."),
}  # fmt: skip


def refusal_for(error: CannotCarry) -> Refusal:
    """The refusal that people read; its `reason` is the code."""
    return Refusal(WHY.get(error.reason, str(error)), reason=error.reason)
