"""Losing customers: who is lost, how long customers stay, who will leave next and why, and whom calling pays for.

history = history_of(purchases, until=…)
silences(history, as_of=…).table                                         who has been silent for too long
examples = panel(history, cuts=[…], horizon=90)                          or contract_examples, examples_of
trial = validate(examples, cut=…, horizon=90)                            learnt before, judged after
model = fit_churn(examples)
model.scores(features), model.reasons(features), model.causes(features)  features = behaviour(history, as_of=…)[0]
profit_curve(trial.probability, trial.later.lost, value, Remedy(contact=5, incentive=50)).gain
warnings(model, features, value, Remedy(contact=5, incentive=50)).table  whom to call first, and why
survival_curve(lives_of(stayed, lost)), log_rank(lives, groups), fit_hazards(lives, columns)
"""

from zhike.insight.models.churn.boosting import Boosting
from zhike.insight.models.churn.calibration import Calibration, calibrate
from zhike.insight.models.churn.causes import CAUSES, KINDS, Cause, CauseRank, Kind, Stated, rank_causes
from zhike.insight.models.churn.comparison import Comparison, log_rank
from zhike.insight.models.churn.concordance import concordance
from zhike.insight.models.churn.contracts import Stays, contract_examples, contract_state, stays
from zhike.insight.models.churn.cox import Hazards, fit_hazards
from zhike.insight.models.churn.features import Feature, Features, features_of, stacked
from zhike.insight.models.churn.history import (
    History,
    PersonalSilence,
    QuantileSilence,
    Silence,
    Silences,
    history_of,
    silences,
)
from zhike.insight.models.churn.lives import Lives, lives_of
from zhike.insight.models.churn.model import ChurnModel, Trial, fit_churn, validate
from zhike.insight.models.churn.profit import (
    MaximumProfit,
    ProfitCurve,
    Remedy,
    expected_maximum_profit,
    profit_curve,
)
from zhike.insight.models.churn.quality import Quality, auc, quality
from zhike.insight.models.churn.reasons import Reasons
from zhike.insight.models.churn.survival import Estimate, SurvivalCurve, survival_curve
from zhike.insight.models.churn.warning import Warnings, warnings
from zhike.insight.models.churn.windows import Examples, behaviour, examples_of, panel, window_examples

__all__ = [
    "CAUSES",
    "KINDS",
    "Boosting",
    "Calibration",
    "Cause",
    "CauseRank",
    "ChurnModel",
    "Comparison",
    "Estimate",
    "Examples",
    "Feature",
    "Features",
    "Hazards",
    "History",
    "Kind",
    "Lives",
    "MaximumProfit",
    "PersonalSilence",
    "ProfitCurve",
    "Quality",
    "QuantileSilence",
    "Reasons",
    "Remedy",
    "Silence",
    "Silences",
    "Stated",
    "Stays",
    "SurvivalCurve",
    "Trial",
    "Warnings",
    "auc",
    "behaviour",
    "calibrate",
    "concordance",
    "contract_examples",
    "contract_state",
    "examples_of",
    "expected_maximum_profit",
    "features_of",
    "fit_churn",
    "fit_hazards",
    "history_of",
    "lives_of",
    "log_rank",
    "panel",
    "profit_curve",
    "quality",
    "rank_causes",
    "silences",
    "stacked",
    "stays",
    "survival_curve",
    "validate",
    "warnings",
    "window_examples",
]
