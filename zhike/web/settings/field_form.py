"""The form of a user-defined field: its rules as texts and ticks, and back to what the action takes."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from zhike.kernel.errors import Invalid
from zhike.kernel.field_actions import FieldShown
from zhike.kernel.fields import Kind, resources

KINDS: tuple[tuple[str, Any], ...] = (
    ("text", gettext_lazy("Text")), ("long_text", gettext_lazy("Long text")), ("number", gettext_lazy("Number")),
    ("money", gettext_lazy("Money")), ("date", gettext_lazy("Date")), ("moment", gettext_lazy("Date and time")),
    ("yes_no", gettext_lazy("Yes or no")), ("choice", gettext_lazy("One choice")),
    ("choices", gettext_lazy("Several choices")), ("phone", gettext_lazy("Phone")),
    ("email", gettext_lazy("E-mail")), ("link", gettext_lazy("Link")), ("reference", gettext_lazy("Reference")),
)  # fmt: skip
_TEXTS = ("label_zh", "label_en", "help_zh", "help_en", "section", "pattern", "minimum", "maximum")


class FieldForm(forms.Form):
    """Everything about a field. Which parts count depends on the kind; the action says what makes no sense."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of value"), choices=KINDS)
    key = forms.CharField(
        label=gettext_lazy("Key"), max_length=40, required=False,
        help_text=gettext_lazy("Small letters, digits and _. Programs use it; it never changes."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    label_zh = forms.CharField(label=gettext_lazy("Label in Chinese"), max_length=80)
    label_en = forms.CharField(label=gettext_lazy("Label in English"), max_length=80, required=False)
    help_zh = forms.CharField(label=gettext_lazy("Help in Chinese"), max_length=300, required=False)
    help_en = forms.CharField(label=gettext_lazy("Help in English"), max_length=300, required=False)
    section = forms.CharField(label=gettext_lazy("Section"), max_length=80, required=False)
    position = forms.IntegerField(label=gettext_lazy("Position"), required=False, min_value=0)
    choices = forms.CharField(
        label=gettext_lazy("Choices"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("One in a line: value | Chinese label | English label. The labels may be left out."),
    )  # fmt: skip
    reference = forms.ChoiceField(label=gettext_lazy("Refers to"), required=False)
    required = forms.BooleanField(label=gettext_lazy("Must be filled in"), required=False)
    unique = forms.BooleanField(label=gettext_lazy("No value twice"), required=False)
    pattern = forms.CharField(
        label=gettext_lazy("Pattern"), max_length=300, required=False,
        help_text=gettext_lazy("A regular expression (RE2) that the whole text has to match."),
    )  # fmt: skip
    minimum = forms.CharField(
        label=pgettext_lazy("bound", "At least"), max_length=40, required=False,
        help_text=gettext_lazy("The smallest value, or the fewest characters."),
    )  # fmt: skip
    maximum = forms.CharField(label=pgettext_lazy("bound", "At most"), max_length=40, required=False)
    default = forms.CharField(label=gettext_lazy("Default"), required=False)

    def __init__(self, *args: Any, fixed_key: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if fixed_key:
            del self.fields["key"]
        reference = self.fields["reference"]
        assert isinstance(reference, forms.ChoiceField)
        reference.choices = [("", "—"), *((name, of.label) for name, of in resources().items())]


def choices_of(text: str) -> list[dict[str, str]]:
    """Lines of `value | Chinese | English` as choices; missing labels are the value and nothing."""
    found = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        if parts[0]:
            chinese = parts[1] if len(parts) > 1 and parts[1] else parts[0]
            found.append(
                {"value": parts[0], "label_zh": chinese, "label_en": parts[2] if len(parts) > 2 else ""}
            )
    return found


def _condition(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        raise Invalid({"shown_if": _("This is not a condition.")}) from None


def rules_of(data: Any) -> dict[str, Any]:
    """The rules that the filled-in form states. Raises Invalid for a broken condition."""
    kind = data.get("kind", "")
    rules: dict[str, Any] = {name: data.get(name, "").strip() for name in _TEXTS}
    rules["choices"] = choices_of(data.get("choices", "")) if kind in (Kind.CHOICE, Kind.CHOICES) else []
    rules["reference"] = data.get("reference", "") if kind == Kind.REFERENCE else ""
    rules |= {name: data.get(name) == "on" for name in ("required", "unique")}
    rules["shown_if"] = _condition(data.get("shown_if", "")) if data.get("conditional") == "on" else None
    if (position := data.get("position", "").strip()).isdecimal():
        rules["position"] = int(position)
    default = data.get("default", "").strip()
    rules["default"] = None if not default else default.split(",") if kind == Kind.CHOICES else default
    if kind == Kind.YES_NO and default:
        rules["default"] = default.lower() in ("true", "yes", "1")
    return rules


def start_of(field: FieldShown) -> dict[str, Any]:
    """What the form shows of a field that stands."""
    start = field.rules.model_dump()
    lines = [" | ".join(part for part in choice.values() if part) for choice in start.pop("choices") or []]
    default = start.pop("default")
    shown = (
        ",".join(default) if isinstance(default, list) else "" if default is None else str(default).lower()
    )
    return {**start, "kind": field.kind.value, "choices": "\n".join(lines), "default": shown}
