"""An import of purchases that is killed again and again ends with every line there once."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.feeds.purchase_files import MAPPING, csv_of, many_lines
from tests.installation import Installation

KILLS = 32
# Small chunks, so that a kill finds every step of one. The line says that the work begins.
_IMPORT = """
import sys
from zhike.config.start import start
start()
from zhike.feeds.knowledge import import_run
from zhike.cli.main import main
import_run.CHUNK = int(sys.argv[1])
print("ready", flush=True)
sys.exit(main(["import", "purchases", sys.argv[2], "--mapping", sys.argv[3], "--source", "shop", "--json"]))
"""
_LOOK = """
import json
from zhike.feeds.knowledge.house import warehouse
from zhike.insight.warehouse import query
from zhike.feeds.knowledge.models import CustomerKey
rows = query(warehouse(), "SELECT document, line_no, source_customer, customer_key, amount FROM purchase").to_pylist()
known = set(CustomerKey.objects.values_list("key", flat=True))
print(json.dumps({
    "documents": sorted(row["document"] for row in rows),
    "amount": str(sum(row["amount"] for row in rows)),
    "strange": sum(row["customer_key"] not in known for row in rows),
    "pairs": len({(row["source_customer"], row["customer_key"]) for row in rows}),
    "people": len(known),
}))
"""


def _started(installation: Installation, *arguments: str) -> subprocess.Popen[str]:
    source = f"import django\ndjango.setup()\n{_IMPORT}"
    return subprocess.Popen(
        [sys.executable, "-c", source, *arguments], env=installation.environment, cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _kill_after(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kill -9 so long after the work began. False when it had ended by then."""
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    try:
        process.communicate(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_anywhere_every_line_is_there_once(installation: Installation, tmp_path: Path) -> None:
    lines = many_lines(24_000)
    file, mapping = tmp_path / "lines.csv", tmp_path / "mapping.json"
    file.write_bytes(csv_of([*lines, "BAD,1,never,x,1,1"]))
    mapping.write_text(json.dumps(MAPPING))
    chance = random.Random(7)
    killed = sum(
        _kill_after(_started(installation, "200", str(file), str(mapping)), chance.uniform(0.02, 0.35))
        for _ in range(KILLS)
    )
    assert killed == KILLS
    last = _started(installation, "5000", str(file), str(mapping))
    out, errors = last.communicate(timeout=120)
    assert last.returncode == 0, errors
    report = json.loads(out.splitlines()[-1])
    assert (report["rows"], report["refused"], report["customers"]) == (24_000, 1, 97)
    found = json.loads(installation.python(_LOOK))
    assert found["documents"] == sorted(line.split(",")[0] for line in lines)
    assert float(found["amount"]) == report["amount"]
    assert (found["strange"], found["pairs"], found["people"]) == (0, 97, 97)
