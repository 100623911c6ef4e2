"""Write made-up customers as Parquet and their true pairs as JSON, in a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow.parquet as pq

from tests.insight.duplicate_records import customers, table


def main(size: int, records_file: str, truth_file: str) -> None:
    """Write `size` customers and what is true about them."""
    records, pairs = customers(size, seed=7)
    pq.write_table(table(records), records_file)
    Path(truth_file).write_text(json.dumps(sorted(pairs)))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
