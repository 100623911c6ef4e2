"""Files that nobody needs any more go after their time, and never while something could still be undone with them."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from tests.feeds.importing import HEAD, bring_in, counts, line, upload, worked
from tests.feeds.purchase_files import begin, csv_of, stored, take_in
from tests.feeds.purchase_files import house as house
from tests.web.customers import signed_in
from tests.world import World
from zhike.customers.actions import add_file, create
from zhike.customers.models import FileItem, Party
from zhike.feeds.knowledge.import_actions import read_import, undo_purchases
from zhike.feeds.knowledge.import_files import source_file
from zhike.feeds.models import Export, Import, ImportChunk, ImportRow
from zhike.kernel import retention
from zhike.kernel.actions import run
from zhike.kernel.errors import Refusal
from zhike.kernel.intake import stage
from zhike.kernel.models import Fact, Job
from zhike.kernel.retention import TIDY, kept_days, tidy
from zhike.kernel.worker import work_off, work_on

pytestmark = pytest.mark.django_db
BAD = HEAD + line(1) + line(2) + line(3, 手机="拒绝的号码")


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, settings: LazySettings) -> Path:
    """A file store of its own."""
    where = tmp_path / "files"
    options = {"location": where, "base_url": None, "file_permissions_mode": 0o600}
    settings.STORAGES = {
        **settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    }  # fmt: skip
    return where


def after(days: int) -> datetime:
    """So many days and an hour from now."""
    return timezone.now() + timedelta(days=days, hours=1)


def files(folder: Path) -> list[str]:
    """The files below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_exports_go_after_thirty_days(world: World, own_files: Path) -> None:
    context = world.context(world.admin, now=timezone.now())
    create(context, "王小明")
    made = run("feeds.export", context, {"fields": ["name"]}).result
    assert kept_days()["exports"] == 30
    assert tidy(after(29))["exports"] == 0
    assert files(own_files) == [made["path"]]
    assert tidy(after(30))["exports"] == 1
    assert files(own_files) == []
    assert tidy(after(31))["exports"] == 0
    assert run("feeds.export_read", context, {"export": made["id"]}).result["cleared_at"] is not None
    assert Fact.objects.filter(kind="feeds.exported", record_id=made["id"]).exists()
    client = signed_in(world.admin)
    assert "文件已删除" in client.get(f"/exports/{made['id']}/").content.decode()
    assert client.get(f"/exports/{made['id']}/file/").status_code == 404


def test_an_import_can_be_undone_as_long_as_its_file_is_there(world: World, own_files: Path) -> None:
    context = world.context(world.admin)
    made = bring_in(context, BAD)
    run("feeds.refused_file", context, {"batch": made["id"]})
    assert len(files(own_files)) == 2
    assert tidy(after(89))["imports"] == 0
    run("feeds.undo", context, {"batch": made["id"]})
    assert worked(context, made["id"])["undone"]["removed"] == 2
    assert Party.objects.count() == 0


def test_after_that_the_report_says_that_it_is_gone(world: World, own_files: Path) -> None:
    context = world.context(world.admin)
    made = bring_in(context, BAD)
    run("feeds.refused_file", context, {"batch": made["id"]})
    assert tidy(after(90))["imports"] == 1
    assert files(own_files) == []
    assert not ImportRow.objects.exists()
    assert not ImportChunk.objects.exists()
    found = run("feeds.import_read", context, {"batch": made["id"]}).result["batch"]
    assert counts(found) == [3, 2, 0, 0, 1]
    assert found["cleared_at"] is not None
    for name in ("feeds.undo", "feeds.refused_file", "feeds.import_sample"):
        with pytest.raises(Refusal, match="90"):
            run(name, context, {"batch": made["id"]})
    assert Party.objects.count() == 2
    page = signed_in(world.admin).get(f"/imports/{made['id']}/").content.decode()
    assert "文件已删除" in page
    assert "import_undo" not in page
    assert f"/imports/{made['id']}/undo/" not in page


def test_what_was_only_looked_at_goes_too(world: World, own_files: Path) -> None:
    context = world.context(world.admin, now=timezone.now())
    made = upload(context, BAD)
    run("feeds.check", context, {"batch": made["id"]})
    work_off()
    assert "拒绝的号码" in str(Import.objects.get().preview)
    assert tidy(after(90))["imports"] == 1
    assert "拒绝的号码" not in str(Import.objects.get().preview)
    assert files(own_files) == []
    with pytest.raises(Refusal, match="90"):
        run("feeds.start", context, {"batch": made["id"]})


def test_a_job_that_is_not_done_keeps_its_file(world: World, own_files: Path) -> None:
    context = world.context(world.admin, now=timezone.now())
    made = upload(context, BAD)
    run("feeds.start", context, {"batch": made["id"]})
    assert tidy(after(1000))["imports"] == 0
    assert counts(worked(context, made["id"])) == [3, 2, 0, 0, 1]


def test_an_undo_that_is_tried_again_too_late_changes_nothing(world: World) -> None:
    context = world.context(world.admin)
    made = bring_in(context, BAD)
    run("feeds.undo", context, {"batch": made["id"]})
    job = Job.objects.get(name="feeds.undo")
    run("jobs.cancel", context, {"job": job.pk})
    work_off()
    assert tidy(after(90))["imports"] == 1
    run("jobs.retry", context, {"job": job.pk})
    work_off()
    job.refresh_from_db()
    assert (job.state, "90" in job.error) == ("failed", True)
    assert Import.objects.get().state != Import.State.UNDONE


def test_purchases(world: World, house: Path) -> None:
    context = world.context(world.director, now=timezone.now())
    started = begin(context, csv_of())
    work_on(started.job)
    assert tidy(after(89))["imports"] == 0
    assert source_file(started.id).is_file()
    assert default_storage.exists(read_import(context, started.id).refused_file)
    assert tidy(after(90))["imports"] == 1
    assert not source_file(started.id).is_file()
    found = read_import(context, started.id)
    assert (found.refused_file, found.state, found.report["rows"]) == ("", "done", 6)
    with pytest.raises(Refusal, match="90"):
        undo_purchases(context, started.id)
    assert len(stored()) == 6
    assert (
        "文件已删除"
        in signed_in(world.director).get(reverse("purchase_import", args=[started.id])).content.decode()
    )


def test_purchases_that_stopped_keep_their_file(world: World, house: Path) -> None:
    from zhike.feeds.knowledge.models import PurchaseImport

    context = world.context(world.director, now=timezone.now())
    started = begin(context, csv_of())
    work_on(started.job)
    PurchaseImport.objects.update(state=PurchaseImport.State.FAILED)
    assert tidy(after(1000))["imports"] == 0
    assert source_file(started.id).is_file()


def test_files_of_customers_that_no_record_knows(world: World, own_files: Path) -> None:
    context = world.context(world.admin)
    made = create(context, "王小明").id
    add_file(context, made, "合同.txt", "保留".encode())
    add_file(context, made, "旧.txt", "孤儿".encode())
    FileItem.objects.filter(name="旧.txt").delete()
    assert len(files(own_files)) == 2
    assert tidy(after(6))["orphans"] == 0
    assert tidy(after(7))["orphans"] == 1
    assert files(own_files) == [FileItem.objects.get().path]


def test_what_was_sent_in_in_vain(world: World, own_files: Path, settings: LazySettings) -> None:
    token = stage([b"nobody asked"])
    kept = upload(world.context(world.admin, now=timezone.now()), BAD)
    left = own_files / "imports" / "01890a5d-ac96-774b-bcce-b302099a8057"
    for path in (left, own_files / "exports" / "x.part", own_files / "uploads" / "0.part"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"left")
    staged = Path(settings.HOME) / "uploads" / f"{token}.staged"
    assert tidy(timezone.now())["uploads"] == 0
    assert tidy(after(1))["uploads"] >= 4
    assert not staged.exists()
    assert files(own_files) == [f"imports/{UUID(kept['id'])}"]


def test_files_of_the_warehouse_that_no_version_uses(world: World, house: Path) -> None:
    take_in(world.context(world.director, now=timezone.now()), csv_of())
    old, fresh = (
        house / "warehouse" / "purchase" / name for name in ("part-old.parquet", "part-new.parquet")
    )
    for path in (old, fresh):
        path.write_bytes(b"left by a writer")
    eight_days_ago = (timezone.now() - timedelta(days=8)).timestamp()
    os.utime(old, (eight_days_ago, eight_days_ago))
    assert tidy(timezone.now())["warehouse"] == 1
    assert (old.exists(), fresh.exists()) == (False, True)
    assert len(stored()) == 6


def test_it_is_done_each_night(world: World) -> None:
    now = timezone.now()
    retention.schedule(now)
    retention.schedule(now)
    job = Job.objects.get(name=TIDY)
    assert timezone.localtime(job.run_after).hour == 3
    assert job.run_after > now
    Job.objects.update(run_after=now - timedelta(minutes=1))
    assert work_on(job.pk)
    job.refresh_from_db()
    assert (job.state, set(job.result or ())) == ("done", set(kept_days()))
    assert Job.objects.filter(name=TIDY, state="waiting").count() == 1


def test_zero_days_keep_for_good(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    context = world.context(world.admin, now=timezone.now())
    run("feeds.export", context, {"fields": ["name"]})
    monkeypatch.setattr(retention, "kept_days", lambda: {**kept_days(), "exports": 0})
    assert tidy(after(9999))["exports"] == 0
    assert Export.objects.get().cleared_at is None
