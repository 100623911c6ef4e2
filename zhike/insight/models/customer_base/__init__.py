"""Models of the customer base: who is still a customer, how much will they buy, what are they worth.

summary = summarise(purchase_documents(warehouse), period=…)
base = fit_base(summary, "bg_nbd")
worth = lifetime_value(base, summary, horizon=52, spend=fit_spend(summary))
worth.total, worth.equity("month"), worth.table
validate(purchases, period=…, cut=…)
fit_contracts(renewals, lost).residual(renewals, discount=0.1)
"""

from zhike.insight.models.customer_base.base import FAMILIES, CustomerBase, fit_base
from zhike.insight.models.customer_base.contracts import Contracts, fit_cohort, fit_contracts
from zhike.insight.models.customer_base.newton import Maximum
from zhike.insight.models.customer_base.spend import Independence, Spend, fit_spend
from zhike.insight.models.customer_base.summary import DAY, MONTH, WEEK, YEAR, Summary, summarise, summary_of
from zhike.insight.models.customer_base.validation import Validation, fit_by_frequency, validate
from zhike.insight.models.customer_base.value import Estimate, LifetimeValue, lifetime_value

__all__ = [
    "DAY",
    "FAMILIES",
    "MONTH",
    "WEEK",
    "YEAR",
    "Contracts",
    "CustomerBase",
    "Estimate",
    "Independence",
    "LifetimeValue",
    "Maximum",
    "Spend",
    "Summary",
    "Validation",
    "fit_base",
    "fit_by_frequency",
    "fit_cohort",
    "fit_contracts",
    "fit_spend",
    "lifetime_value",
    "summarise",
    "summary_of",
    "validate",
]
