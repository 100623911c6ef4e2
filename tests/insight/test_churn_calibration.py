"""From scores to probabilities: they rise with the score and are as often right as they say."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.insight.models.churn import Calibration, calibrate


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(st.tuples(st.floats(-5, 5), st.booleans()), min_size=4, max_size=60).filter(
        lambda rows: len({row[1] for row in rows}) == 2
    ),
    method=st.sampled_from(("isotonic", "sigmoid")),
)
def test_probabilities_rise_with_the_score(rows: Any, method: Any) -> None:
    raw, lost = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    found = calibrate(raw, lost, method)
    told = found.probability(np.sort(np.concatenate([raw, np.linspace(-6, 6, 50)])))
    assert (np.diff(told) >= -1e-12).all()
    assert ((told > 0) & (told < 1)).all()
    if method == "sigmoid":
        # Platt's targets draw the mean of few customers towards a half, by less than a customer on either side.
        assert abs(found.probability(raw).mean() - lost.mean()) <= 2 / len(rows) + 1e-9
    again = Calibration.of_told(json.loads(json.dumps(found.told())))
    assert np.array_equal(again.probability(raw), found.probability(raw))


def test_both_calibrations_find_known_probabilities() -> None:
    random = np.random.default_rng(3)
    raw = random.normal(-1, 1.5, 40_000)
    chance = 1 / (1 + np.exp(-(0.6 * raw - 0.4)))
    lost = random.random(40_000) < chance
    sigmoid = calibrate(raw, lost, "sigmoid")
    assert sigmoid.values == pytest.approx([0.6, -0.4], abs=0.04)
    for method in ("sigmoid", "isotonic"):
        told = calibrate(raw, lost, method).probability(raw)
        assert np.abs(told - chance).mean() < 0.012
