"""Notes belong to their writers, files are what their bytes say, and the recycle bin gives everything back."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.core.files.storage import default_storage

from tests.world import World
from zhike.customers.actions import (
    add_file,
    add_note,
    change_note,
    check_service_password,
    create,
    delete,
    delete_many,
    remove_file,
    remove_note,
    restore,
    set_service_password,
)
from zhike.customers.models import FileItem, Note
from zhike.customers.queries import CUSTOMERS, card, open_file
from zhike.customers.sniff import safe_name, sniff
from zhike.kernel.actions import run
from zhike.kernel.errors import Conflict, Invalid, LimitReached, NotAllowed, NotFound
from zhike.kernel.reading import ListRequest, list_records

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.fixture
def made(world: World) -> UUID:
    return create(world.context(world.rep), "王小明", phone="13800138000", tags=["甲"]).id


def test_notes_are_changed_by_who_wrote_them(world: World, made: UUID) -> None:
    note = add_note(world.context(world.rep), made, "爱喝茶", True)
    with pytest.raises(NotAllowed):
        change_note(world.context(world.agent), made, note.id, "爱喝咖啡")
    saved = change_note(world.context(world.rep), made, note.id, "爱喝绿茶", version=1)
    with pytest.raises(Conflict) as refused:
        change_note(world.context(world.rep), made, note.id, "爱喝红茶", version=1)
    assert (refused.value.theirs, saved.version) == ({"text": "爱喝绿茶"}, 2)
    remove_note(world.context(world.manager), made, note.id)
    assert not Note.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PNG, "图.png", "image/png"),
        (b"%PDF-1.7 x", "a.txt", "application/pdf"),
        (b"<html><script>", "a.png", "application/octet-stream"),
        (b"\xef\xbb\xbf<?xml?><svg>", "a.svg", "application/octet-stream"),
        ("姓名,电话".encode(), "a.csv", "text/csv"),
        (b"MZ\x00\x01", "a.pdf", "application/octet-stream"),
        (b"  \n<SVG onload=1>", "x.txt", "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, name: str, kind: str) -> None:
    assert sniff(content, name) == kind


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("C:\\x\\报价.docx", "报价.docx"),
        ("..", "file"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
    ],
)
def test_file_names_lead_nowhere(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_files_are_kept_opened_and_removed(
    world: World, made: UUID, django_capture_on_commit_callbacks: object
) -> None:
    context = world.context(world.rep)
    payload = {"customer": made, "name": "图.png", "content": "iVBORw0KGgoAAAAA"}
    added = run("customers.add_file", context, payload).result
    found = open_file(context, made, UUID(added["id"]))
    assert (found.content_type, found.inline, found.content[:4]) == ("image/png", True, b"\x89PNG")
    path = FileItem.objects.get().path
    with pytest.raises(NotFound):
        open_file(world.context(world.stranger), made, UUID(added["id"]))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        remove_file(context, made, UUID(added["id"]))
    assert not default_storage.exists(path)
    with pytest.raises(Invalid, match="content"):
        add_file(context, made, "leer.txt", b"")


def test_the_bin_hides_and_gives_back(world: World, made: UUID) -> None:
    context = world.context(world.manager)
    before = card(context, made)
    delete(context, made)
    for text in ("", "王小明", "13800138000"):
        assert list_records(context, CUSTOMERS, ListRequest(text=text)).rows == []
    with pytest.raises(NotFound):
        card(context, made)
    with pytest.raises(NotAllowed):
        restore(world.context(world.rep), [made])
    with pytest.raises(NotFound):
        restore(context, [create(context, "活着").id])
    restore(context, [made])
    after = card(context, made)
    assert (after.values["name"], after.tags, after.contacts) == (
        before.values["name"],
        before.tags,
        before.contacts,
    )
    assert len(list_records(context, CUSTOMERS, ListRequest(text="13800138000")).rows) == 1


def test_many_into_the_bin_and_out(world: World, made: UUID) -> None:
    context = world.context(world.manager)
    other = create(context, "李四").id
    assert delete_many(context, [made, other]).changed == 2
    assert restore(context, [made, other]).changed == 2
    with pytest.raises(Invalid):
        delete_many(context, [])


def test_a_service_password_is_locked_after_five_wrong_tries(world: World, made: UUID) -> None:
    context = world.context(world.manager)
    assert not check_service_password(context, made, "secret-1")
    set_service_password(context, made, "secret-1")
    assert check_service_password(context, made, "secret-1")
    assert [check_service_password(context, made, "wrong-one") for _ in range(5)] == [False] * 5
    with pytest.raises(LimitReached):
        check_service_password(context, made, "secret-1")
