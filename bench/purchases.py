"""The whole way of real purchases: import into an empty home, then RFM and pyramid, beside pandas.

Goals on two cores: online_retail imported in 20 s, its RFM and pyramid in 1 s. The floor of the import is pandas
reading the file; the peer of RFM is pandas with the lines in memory. Skipped where the real data is not there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd  # type: ignore[import-untyped]

from bench.table import Row, median_seconds, peak_mib

_BESIDE = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
_FILES = (("online-retail", "online_retail/online_retail.csv.gz"), ("cdnow", "cdnow/CDNOW_master.txt"))
_AS_OF = date(2011, 12, 9)


def run(size: str) -> Iterator[Row]:
    """Rows for each file; the size is the number of lines, whatever is asked for."""
    folder = Path(os.environ.get("ZHIKE_REAL_DATA", _BESIDE))
    for preset, name in _FILES:
        if not (folder / name).exists():
            print(f"purchases: {name} is not on this machine", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory(prefix="zhike-bench-") as home:
            yield _imported(preset, folder / name, Path(home))
    if (folder / _FILES[0][1]).exists():
        yield _scored(folder / _FILES[0][1])


def _zhike(home: Path, *arguments: str) -> str:
    environment = {**os.environ, "ZHIKE_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", "zhike.cli", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _imported(preset: str, file: Path, home: Path) -> Row:
    _zhike(home, "migrate")
    began = time.perf_counter()
    report = json.loads(
        _zhike(home, "import", "purchases", str(file), "--preset", preset, "--json").splitlines()[-1]
    )
    seconds = time.perf_counter() - began
    read = pd.read_csv if preset == "online-retail" else _read_blanks
    floor = median_seconds(lambda: read(file), repeat=3, warm=0)
    return Row(f"import {preset}", report["rows"], seconds, floor=floor, peer_name="pandas.read_csv")


def _read_blanks(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, sep=r"\s+")


def _scored(file: Path) -> Row:
    """RFM and pyramid of online_retail: from the warehouse, and by pandas from memory."""
    import django

    django.setup()
    from django.core.management import call_command

    from zhike.config.start import start
    from zhike.feeds.knowledge import import_actions, scoring
    from zhike.kernel.actor import Context, system
    from zhike.kernel.intake import blocks_of, keep
    from zhike.kernel.worker import work_on

    start()
    call_command("migrate", verbosity=0, interactive=False)
    context = Context(system(), datetime.now(UTC))
    with file.open("rb") as stream:
        upload = keep(blocks_of(stream))
    work_on(import_actions.import_purchases(context, upload, file.name, "online-retail").job)

    def ours() -> None:
        scoring._know.cache_clear()
        scoring.know(scoring.basis(context, as_of=_AS_OF))

    lines = pd.read_csv(file).dropna(subset=["CustomerID"])
    lines["day"] = pd.to_datetime(lines["InvoiceDate"]).dt.normalize()
    lines["amount"] = lines["Quantity"] * lines["UnitPrice"]
    seconds = median_seconds(ours, repeat=5)
    peer = median_seconds(lambda: _pandas(lines), repeat=5)
    return Row(
        "RFM and pyramid", len(lines), seconds, peer=peer, peer_name="pandas in memory", memory=peak_mib()
    )


def _pandas(lines: pd.DataFrame) -> pd.DataFrame:
    """The same figures the usual way."""
    bought = lines[lines["day"] > pd.Timestamp(_AS_OF) - pd.Timedelta(days=365)]
    documents = bought.groupby(["CustomerID", "InvoiceNo", "day"], as_index=False)["amount"].sum()
    paid = documents[documents["amount"] > 0].groupby("CustomerID")
    table = pd.DataFrame({"last": paid["day"].max(), "frequency": paid.size()})
    table["money"] = documents.groupby("CustomerID")["amount"].sum()
    table["recency"] = (pd.Timestamp(_AS_OF) - table["last"]).dt.days
    for name, falling in (("recency", True), ("frequency", False), ("money", False)):
        rank = table[name].rank(method="first", ascending=not falling)
        table[f"{name}_band"] = pd.qcut(rank, 5, labels=False) + 1
    table["tier"] = pd.cut(
        table["money"].rank(pct=True, ascending=False), [0, 0.01, 0.05, 0.2, 1.0], labels=False
    )
    return table
