"""Messages travel in a header, several in one answer, in any language."""

from __future__ import annotations

import json

from django.http import HttpResponse

from zhike.web.toasts import toast, trigger


def test_a_toast_keeps_other_events_and_survives_the_header() -> None:
    answer = trigger(HttpResponse(), "closeDialog")
    toast(answer, "已保存“欧阳靖宇”。\n第二行", undo_url="/undo/7")
    header = answer.headers["HX-Trigger"]
    events = json.loads(header)
    assert header.isascii()
    assert "\n" not in header
    assert list(events) == ["closeDialog", "toast"]
    assert events["toast"]["message"] == "已保存“欧阳靖宇”。\n第二行"
    assert events["toast"]["undo"] == "/undo/7"
