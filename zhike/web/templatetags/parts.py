"""Block tags and parts: page head, card, facts, dialog, list, form row. Usage of each is shown in its docstring."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from zhike.web.forms import day_input

register = template.Library()


def _part(name: str, **values: Any) -> SafeString:
    return render_to_string(f"parts/{name}.html", values)


@register.simple_block_tag
def page_head(
    content: str, title: object, subtitle: object = "", crumbs: Any = (), lead: object = ""
) -> SafeString:
    """`{% page_head title=… %}buttons{% endpage_head %}`. `crumbs`: pairs of label and URL; `lead`: an avatar."""
    return _part(
        "page_head",
        title=title,
        subtitle=subtitle,
        crumbs=crumbs,
        lead=lead,
        actions=SafeString(content.strip()),
    )


@register.simple_block_tag
def card(
    content: str, title: object = "", name: str = "", count: object = None, **options: Any
) -> SafeString:
    """`{% card title=… name="phone" %}body{% endcard %}`.

    `name` is the icon. Options: `flush` (no padding), `id`, `more_url` with `more_label`, `tools` (safe markup),
    `level` of the heading (2).
    """
    return _part("card", content=content, title=title, icon=name, count=count, **{"level": 2, **options})


@register.simple_block_tag
def facts(content: str, lines: bool = False) -> SafeString:
    """`{% facts %}{% fact … %}{% endfacts %}`: a definition list. `lines` sets label and value side by side."""
    return _part("facts", content=content, lines=lines)


@register.simple_block_tag
def fact(content: str, label: object, wide: bool = False, source: object = "") -> SafeString:
    """`{% fact label=… %}value{% endfact %}`; an empty value shows a dash."""
    return _part("fact", content=SafeString(content.strip()), label=label, wide=wide, source=source)


@register.simple_block_tag
def dialog(content: str, title: object, size: str = "", footer: object = "", id: str = "") -> SafeString:
    """A dialog to answer a request that targets `#dialog-slot`; it opens by itself. `size`: wide, full, side."""
    return _part("dialog", content=content, title=title, size=size, footer=footer, id=id)


@register.simple_block_tag
def list_card(content: str, id: str = "", tall: bool = False, label: object = "") -> SafeString:
    """The frame of a list: tools, table and pager stand inside. `tall` lets the table scroll under its head."""
    return _part("list_card", content=content, id=id, tall=tall, label=label)


@register.simple_block_tag
def bulk_bar(content: str, total: object = None, all_label: object = "") -> SafeString:
    """The bar that appears when rows are picked; buttons stand inside. `all_label` offers "select all N"."""
    return _part("bulk_bar", content=content, total=total, all_label=all_label)


@register.simple_block_tag
def filter_bar(content: str, chips: Any = (), edit_url: str = "", clear_url: str = "") -> SafeString:
    """Chips of the conditions in force (`label`, `remove_url`), the button to edit them, further tools inside."""
    return _part("filter_bar", content=content, chips=chips, edit_url=edit_url, clear_url=clear_url)


@register.simple_block_tag
def empty_state(
    content: str, title: object, text: object = "", name: str = "inbox", small: bool = False
) -> SafeString:
    """An empty place that says how to begin; the buttons stand inside. `name` is the icon."""
    return _part(
        "empty_state", actions=SafeString(content.strip()), title=title, text=text, icon=name, small=small
    )


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: object = "", name: str = "") -> SafeString:
    """A message that belongs to the page. Tones: info, success, warning, danger."""
    drawing = {"success": "circle-check", "warning": "alert-triangle", "danger": "alert-circle"}
    return _part(
        "notice", content=content, tone=tone, title=title, icon=name or drawing.get(tone, "info-circle")
    )


@register.simple_block_tag
def menu(
    content: str, id: str, label: object = "", name: str = "dots", text: object = "", **options: Any
) -> SafeString:
    """`{% menu id="m" label=… %}items{% endmenu %}`: a button that opens a menu. Options: `css` of the button."""
    return _part("menu", content=content, id=id, label=label, icon=name, text=text, **options)


@register.inclusion_tag("parts/tabs.html")
def tabs(entries: Any, label: object = "", target: str = "") -> dict[str, Any]:
    """Tabs with addresses: entries have `label`, `url`, `active`, and may have `count`. `target`: swap by HTMX."""
    return {"entries": entries, "label": label, "target": target}


@register.simple_block_tag
def list_tools(content: str, form: bool = False, search: bool = False) -> SafeString:
    """`{% list_tools %}tabs{% endlist_tools %}`: the row above a list.

    `form`: its controls are sent by GET; `search`: they search, which makes it a landmark.
    """
    return _part("list_tools", content=content, form=form or search, search=search)


@register.inclusion_tag("parts/steps.html")
def steps(entries: Any, current: int) -> dict[str, Any]:
    """The steps of a wizard: entries have `label` and may have `url`; `current` counts from 1."""
    return {"entries": entries, "current": current}


@register.inclusion_tag("parts/stat_tile.html")
def stat_tile(label: object, value: object, **options: Any) -> dict[str, Any]:
    """A figure. Options: `unit`, `note`, `url` (the records behind it), `icon`, `trend` (up or down), `trend_text`."""
    return {"label": label, "value": value, **options}


@register.inclusion_tag("parts/pager.html")
def pager(previous_url: str = "", next_url: str = "", **options: Any) -> dict[str, Any]:
    """Newer and older page. Options: `count` (number, exact), `target` (swap by HTMX), `tools` (safe markup)."""
    return {"previous_url": previous_url, "next_url": next_url, **options}


@register.inclusion_tag("parts/progress.html", takes_context=True)
def progress(context: dict[str, Any], job: Any, poll_url: str = "", thin: bool = False) -> dict[str, Any]:
    """A job (`label`, `done`, `total`, `rate`, `seconds_left`, `state`, `note`); asks again while it runs."""
    return {"job": job, "poll_url": poll_url, "thin": thin, "now": context.get("now")}


@register.inclusion_tag("parts/masked.html")
def masked(value: object, reveal_url: str = "", label: object = "") -> dict[str, Any]:
    """A value whose middle is hidden, with a button that asks for the reason and reveals it where that is allowed."""
    return {"value": value, "reveal_url": reveal_url, "label": label}


@register.inclusion_tag("parts/sort_head.html")
def sort_head(
    label: object, url: str, direction: str = "", number: bool = False, target: str = "", **options: Any
) -> dict[str, Any]:
    """A head cell that sorts. `direction`: ascending, descending or empty; `url` carries the next order.

    Options: `name` and `width` of a column that may be drawn wider.
    """
    given = {"label": label, "url": url, "direction": direction, "number": number, "target": target}
    return {**given, **options}


@register.inclusion_tag("parts/timeline.html", takes_context=True)
def timeline(context: dict[str, Any], days: Any, more_url: str = "") -> dict[str, Any]:
    """Pairs of day and entries (`title`, `icon`, `tone`, `at`, `by`, `text`, `changes`, `url`)."""
    return {"days": days, "more_url": more_url, "now": context.get("now")}


def _dressed(field: BoundField) -> tuple[str, SafeString]:
    """The kind of control and its markup with the right classes."""
    widget = field.field.widget
    wrong = " is-invalid" if field.errors else ""
    if isinstance(widget, forms.CheckboxInput):
        return "check", field.as_widget(attrs={"class": f"form-check-input{wrong}"})
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        widget.attrs["class"] = "form-check-input"
        return "group", SafeString("")
    if isinstance(widget, forms.FileInput):
        return "file", field.as_widget(attrs={"class": f"file-input{wrong}"})
    if isinstance(widget, forms.Select):
        return "control", field.as_widget(attrs={"class": f"form-select{wrong}"})
    given = str(widget.attrs.get("class", ""))
    kind = "day" if "data-day" in widget.attrs else "control"
    return kind, field.as_widget(attrs={"class": f"form-control {given}{wrong}".strip()})


@register.inclusion_tag("parts/form_row.html")
def form_row(field: BoundField, wide: bool = False, hint: object = "") -> dict[str, Any]:
    """A field of a form: label, control, help and problem, tied together for screen readers."""
    if field.is_hidden:
        return {"kind": "hidden", "control": field.as_widget(), "field": field}
    kind, control = _dressed(field)
    return {"field": field, "kind": kind, "control": control, "wide": wide, "hint": hint or field.help_text}


@register.inclusion_tag("parts/day_field.html")
def day_field(
    name: str, value: object, label: object = "", id: str = "", narrow: bool = False
) -> dict[str, Any]:
    """A day outside a form of Django. `label` where no label stands beside it; `narrow`: as wide as a day."""
    given = {"class": "form-control", "aria-label": str(label), "id": id}
    control = day_input(attributes={key: text for key, text in given.items() if text}).render(name, value)
    return {"control": control, "narrow": narrow}


@register.inclusion_tag("parts/file_field.html")
def file_field(name: str, id: str, **attributes: Any) -> dict[str, Any]:
    """A file to be chosen or dropped, told in the language of the page.

    `attributes`: `accept`, `required`, `described_by` (the id of a hint).
    """
    described = attributes.pop("described_by", None)
    given = {"id": id, "class": "file-input", "aria-describedby": described, **attributes}
    known = {key: value for key, value in given.items() if value}
    return {"control": forms.FileInput().render(name, None, known)}


@register.inclusion_tag("parts/conflict.html", takes_context=True)
def conflict(context: dict[str, Any], fields: Any, by: object = "", at: Any = None) -> dict[str, Any]:
    """A save that came too late (409): fields have `label`, `yours`, `theirs`; `by` saved first, at the moment `at`."""
    return {"fields": fields, "by": by, "at": at, "now": context.get("now")}


@register.inclusion_tag("parts/form_problems.html")
def form_problems(form: forms.BaseForm) -> dict[str, Any]:
    """What is wrong with the form as a whole."""
    return {"problems": form.non_field_errors()}
