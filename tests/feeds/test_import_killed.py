"""An import whose worker is killed (kill -9) at random moments: no row is lost, none is there twice.

The moments are drawn anew in each run; a failure tells the seed, and ZHIKE_SEED draws the same again.
"""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest

from tests.installation import Installation

# Fifty kills, as the nightly run makes, need a file with more places to be killed at.
KILLS = int(os.environ.get("ZHIKE_KILLS", "8"))
ROWS = max(KILLS * 30, 240)
SEED = int(os.environ.get("ZHIKE_SEED", random.SystemRandom().randrange(10**6)))
REFUSED = len(range(3, ROWS, 7))


def killed(installation: Installation, kills: int, fault: str = "") -> dict[str, Any]:
    """What is there after an import with so many kills."""
    code = "import sys\nfrom tests.feeds.killing import main\n"
    code += "main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[4]), sys.argv[3])"
    said = installation.python(code, str(ROWS), str(kills), fault, str(SEED))
    found: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return found


WHOLE = {
    "state": "done", "rows": ROWS, "created": ROWS - REFUSED, "updated": 0, "matched": 0, "refused": REFUSED,
    "customers": ROWS - REFUSED, "telephones": ROWS - REFUSED, "entries": ROWS - REFUSED, "facts": ROWS - REFUSED,
    "special": REFUSED,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(200 + 30 * KILLS)
def test_kills_lose_and_double_nothing(installation: Installation) -> None:
    found = killed(installation, KILLS)
    assert found.pop("midway") >= max(KILLS // 5, 1), f"seed {SEED}"
    assert found == WHOLE, f"seed {SEED}"


def test_a_checkpoint_that_is_not_kept_is_noticed(installation: Installation) -> None:
    """The control: with this fault planted the same figures come out wrong."""
    found = killed(installation, 4, "forgetful")
    assert found.pop("midway") >= 1, f"seed {SEED}"
    assert found != WHOLE, f"seed {SEED}"
