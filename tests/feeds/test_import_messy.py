"""Real messy files come in whole: every row is there with a verdict, whatever the file looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.feeds.importing import upload, worked
from tests.real_data import real_data
from tests.world import World
from zhike.feeds.imports.plan import NAMES
from zhike.feeds.models import Import, ImportRow
from zhike.kernel.actions import run
from zhike.kernel.errors import Invalid

pytestmark = pytest.mark.django_db
MOST_BYTES = 3_000_000


def _files() -> list[Path]:
    return sorted(
        path
        for path in real_data("messy_csv").rglob("*")
        if path.suffix in (".csv", ".tsv", ".txt") and path.stat().st_size < MOST_BYTES
    )


def test_every_row_of_every_messy_file_has_a_verdict(world: World) -> None:
    context = world.context(world.admin)
    taken = 0
    for path in _files():
        try:
            made = upload(context, path.read_bytes(), name=path.name)
        except Invalid:
            # Refused as a whole, with the reason: no table at all.
            continue
        targets = {column["target"] for column in made["columns"]}
        if not NAMES & targets:
            first = next(column["name"] for column in made["columns"])
            run("feeds.map", context, {"batch": made["id"], "mapping": {first: "name"}})
        run("feeds.start", context, {"batch": made["id"]})
        found = worked(context, made["id"])
        assert found["state"] == "done", (path, found["error"])
        assert found["rows"] == sum(found[name] for name in ("created", "updated", "matched", "refused")), (
            path
        )
        batch = Import.objects.get(pk=found["id"])
        assert ImportRow.objects.filter(batch=batch).count() == found["rows"] - found["created"], path
        taken += 1
    assert taken >= 5
