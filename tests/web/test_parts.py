"""The parts every screen is made of: they render, escape, and name only icons that are drawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

from zhike.web import navigation

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "zhike" / "web" / "templates"


class _Card(forms.Form):
    name = forms.CharField(label="Name", help_text="As written on the <b>certificate</b>.")
    kinds = forms.MultipleChoiceField(
        label="Kinds",
        choices=[("a", "One"), ("b", "Two")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agreed = forms.BooleanField(label="Agreed", required=False)


def _render(source: str, **values: object) -> str:
    return Template("{% load ui parts %}" + source).render(Context(values))


def test_every_icon_named_in_a_template_is_drawn() -> None:
    listed = set(re.sub(r"#.*", "", (ROOT / "frontend" / "icons.txt").read_text()).split())
    pattern = re.compile(r"""\{% icon ["']([\w-]+)["']|\bname=["']([a-z][a-z0-9-]+)["'][^%]*%\}""")
    named = {
        first for page in TEMPLATES.rglob("*.html") for first, _ in pattern.findall(page.read_text()) if first
    }
    named |= {entry.icon for _label, entries in navigation.PLAN for entry in entries}
    assert named
    assert named - listed == set()


def test_a_form_row_ties_help_and_problem_to_its_control() -> None:
    form = _Card({"name": ""})
    shown = _render("{% form_row form.name %}", form=form)
    described = re.search(r'aria-describedby="([^"]+)"', shown)
    assert described is not None
    ids = set(re.findall(r'\bid="([^"]+)"', shown))
    assert set(described[1].split()) <= ids
    assert 'aria-invalid="true"' in shown
    assert "is-invalid" in shown


def test_a_group_of_boxes_shows_each_choice_once() -> None:
    shown = _render("{% form_row form.kinds %}{% form_row form.agreed %}", form=_Card())
    assert shown.count('type="checkbox"') == 3
    assert shown.count("form-check-input") == 3


def test_parts_escape_what_they_are_given() -> None:
    bad = "<img src=x onerror=alert(1)>"
    shown = _render(
        "{% page_head title=bad subtitle=bad %}{{ bad }}{% endpage_head %}"
        "{% card title=bad %}{{ bad }}{% endcard %}{% facts %}{% fact label=bad %}{{ bad }}{% endfact %}{% endfacts %}"
        "{% empty_state title=bad text=bad %}{% endempty_state %}{% notice title=bad %}{{ bad }}{% endnotice %}"
        "{% masked bad reveal_url='/x' label=bad %}{% stat_tile bad bad note=bad %}"
        "{% dialog title=bad %}{{ bad }}{% enddialog %}",
        bad=bad,
    )
    assert "<img" not in shown
    assert shown.count("&lt;img") >= 14


def test_buttons_in_parts_stay_markup() -> None:
    shown = _render("{% page_head title='T' %} <a href='/new'>New</a> {% endpage_head %}")
    assert "<a href='/new'>New</a>" in shown


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
@pytest.mark.parametrize(("language", "word"), [("zh-hans", "首页"), ("en", "home page")])
def test_error_pages_say_what_to_do(rf: RequestFactory, name: str, language: str, word: str) -> None:
    with translation.override(language):
        shown = get_template(name).render({}, rf.get("/nowhere"))
    assert "<li>" in shown
    assert word in shown


def test_no_template_has_inline_code_or_style() -> None:
    bad = re.compile(
        r"""\sstyle=["']|\son\w+=["']|<style|<script(?![^>]*(src=|application/json))|javascript:"""
    )
    found = [
        f"{page.name}: {hit[0]}"
        for page in TEMPLATES.rglob("*.html")
        if (hit := bad.search(page.read_text()))
    ]
    assert found == []
