"""An import of purchases that is killed again and again ends with every line there once.

The moments are drawn anew in each run; a failure tells the seed, and ZHIKE_SEED draws the same again.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from tests.feeds.purchase_files import MAPPING, csv_of, many_lines
from tests.installation import Installation

# More of them at night.
KILLS = int(os.environ.get("ZHIKE_KILLS", "10"))
LINES = 1_000 * KILLS
SEED = int(os.environ.get("ZHIKE_SEED", random.SystemRandom().randrange(10**6)))
_KILLING = """
import sys
from tests.feeds.killing_purchases import main
sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), seed=int(sys.argv[4])))
"""
_LOOK = """
import json
from zhike.feeds.knowledge.house import warehouse
from zhike.feeds.knowledge.import_run import application_of
from zhike.feeds.knowledge.models import CustomerKey, PurchaseImport
from zhike.insight.warehouse import PURCHASE, position, query
rows = query(warehouse(), "SELECT document, line_no, source_customer, customer_key, amount FROM purchase").to_pylist()
known = set(CustomerKey.objects.values_list("key", flat=True))
print(json.dumps({
    "documents": sorted(row["document"] for row in rows),
    "amount": str(sum(row["amount"] for row in rows)),
    "strange": sum(row["customer_key"] not in known for row in rows),
    "pairs": len({(row["source_customer"], row["customer_key"]) for row in rows}),
    "people": len(known),
    "chunks": position(warehouse(), PURCHASE, application_of(PurchaseImport.objects.get().id)),
}))
"""


@pytest.mark.slow
@pytest.mark.timeout(200 + 30 * KILLS)
def test_killed_anywhere_every_line_is_there_once(installation: Installation, tmp_path: Path) -> None:
    lines = many_lines(LINES)
    file, mapping = tmp_path / "lines.csv", tmp_path / "mapping.json"
    file.write_bytes(csv_of([*lines, "BAD,1,never,x,1,1"]))
    mapping.write_text(json.dumps(MAPPING))
    out = installation.python(_KILLING, str(file), str(mapping), str(KILLS), str(SEED))
    report = json.loads(out.splitlines()[-1])
    said = f"seed {SEED}"
    assert (report["rows"], report["refused"], report["customers"]) == (LINES, 1, 97), said
    found = json.loads(installation.python(_LOOK))
    assert found["documents"] == sorted(line.split(",")[0] for line in lines), said
    assert float(found["amount"]) == report["amount"], said
    assert (found["strange"], found["pairs"], found["people"]) == (0, 97, 97), said
    # The last attempt takes what is left in a few large chunks; the others are of those that were killed.
    assert found["chunks"] > LINES / 5_000 + KILLS / 2, said
