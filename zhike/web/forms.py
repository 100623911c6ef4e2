"""Forms made from what the program knows already: an action's signature, or the declaration of a field.

    form = parameter_form(deed("customers.add_note"), request.POST, skip={"customer"})
    payload = payload_of(form)                 # JSON-like, for `zhike.kernel.actions.run`
    except Invalid as refusal: put_problems(form, refusal)

The forms only collect texts; what is right is decided by the action alone, so that a screen never has rules of its own.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from django import forms
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pydantic import BaseModel

from zhike.kernel.actions import About, Deed
from zhike.kernel.errors import Invalid
from zhike.kernel.fields import Field, Kind
from zhike.web.words import joined

Choices = Sequence[tuple[str, Any]]
EMPTY = ("", "—")
_YES, _NO = pgettext_lazy("choice", "Yes"), pgettext_lazy("choice", "No")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a signature does not say itself: labels by parameter name, words of plain texts, choices of references.

    `words` maps (name of the draft, name of its part) to a word list; `references` maps a parameter to choices.
    """

    labels: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    references: Mapping[str, Choices] = field(default_factory=dict)
    long: frozenset[str] = frozenset({"text", "note", "address.text"})


@dataclass(frozen=True, slots=True)
class _Part:
    """One value to ask for: its dotted name, its bare annotation, whether it must be given."""

    name: str
    annotation: Any
    required: bool
    label: Any
    owner: str = ""
    default: Any = None


class ParameterForm(forms.Form):
    """A form over the parts of a signature. `parts` tells how each text becomes a value."""

    parts: dict[str, _Part]


def _bare(annotation: Any) -> tuple[Any, bool]:
    """The annotation without `Annotated` and without None, and whether None is allowed."""
    if hasattr(annotation, "__metadata__"):
        return _bare(annotation.__origin__)
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [each for each in get_args(annotation) if each is not type(None)]
        return _bare(rest[0])[0], len(rest) < len(get_args(annotation))
    return annotation, False


def _label(annotation: Any) -> Any:
    return next((m.label for m in getattr(annotation, "__metadata__", ()) if isinstance(m, About)), None)


def _inner(model: Any) -> Iterator[tuple[str, Any, bool, Any]]:
    """The parts of a draft: name, annotation, whether it must be given, default."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        for name, item in model.model_fields.items():
            yield name, item.annotation, item.is_required(), None
        return
    hints = get_type_hints(model, include_extras=True)
    for part in dataclasses.fields(model):
        missing = part.default is dataclasses.MISSING and part.default_factory is dataclasses.MISSING
        default = None if part.default is dataclasses.MISSING else part.default
        yield part.name, hints[part.name], missing, default


def _parts(deed: Deed, skip: Iterable[str], labels: Mapping[str, Any]) -> Iterator[_Part]:
    passed = set(skip)
    for name, info in deed.parameters.model_fields.items():
        if name in passed:
            continue
        bare, _optional = _bare(info.annotation)
        if dataclasses.is_dataclass(bare) or (isinstance(bare, type) and issubclass(bare, BaseModel)):
            for key, hint, required, default in _inner(bare):
                if f"{name}.{key}" not in passed:
                    label = labels.get(f"{name}.{key}", labels.get(key, key))
                    yield _Part(
                        f"{name}.{key}", hint, required, label, str(getattr(bare, "__name__", "")), default
                    )
            continue
        label = deed.labels.get(name, labels.get(name, name))
        default = None if info.is_required() else info.default
        yield _Part(name, info.annotation, info.is_required(), label, "", default)


def _control(part: _Part, known: Vocabulary) -> forms.Field:
    bare, optional = _bare(part.annotation)
    key = part.name.rsplit(".", 1)[-1]
    words = known.words.get((part.owner, key))
    common: dict[str, Any] = {"label": part.label, "required": part.required}
    if part.name in known.references or key in known.references:
        pairs = known.references.get(part.name) or known.references[key]
        return forms.ChoiceField(choices=[EMPTY, *pairs], **common)
    if words is None and isinstance(bare, type) and issubclass(bare, TextChoices):
        words = bare
    if words is not None:
        blank = [] if part.required or part.default not in (None, "") else [EMPTY]
        return forms.ChoiceField(choices=[*blank, *words.choices], **common)
    if bare is bool:
        common["required"] = False
        if optional:
            yes_no = [
                EMPTY,
                ("true", pgettext_lazy("choice", "Yes")),
                ("false", pgettext_lazy("choice", "No")),
            ]
            return forms.ChoiceField(choices=yes_no, **common)
        return forms.BooleanField(**common)
    return _text_control(part, bare, known, common)


def _text_control(part: _Part, bare: Any, known: Vocabulary, common: dict[str, Any]) -> forms.Field:
    if bare is date:
        return forms.CharField(widget=day_input(), **common)
    if get_origin(bare) is list:
        element, _optional = _bare(get_args(bare)[0])
        if isinstance(element, type) and issubclass(element, TextChoices):
            return forms.MultipleChoiceField(
                choices=element.choices, widget=forms.CheckboxSelectMultiple, **common
            )
        return forms.CharField(help_text=_("Separate several with commas."), **common)
    if part.name in known.long or part.name.rsplit(".", 1)[-1] in known.long:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), strip=False, **common)
    if bare is UUID:
        return forms.CharField(widget=forms.HiddenInput, **common)
    if "password" in part.name:
        return forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), **common)
    return forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off"}), **common)


def parameter_form(
    deed: Deed,
    data: Mapping[str, Any] | None = None,
    *,
    skip: Iterable[str] = (),
    initial: Mapping[str, Any] | None = None,
    known: Vocabulary | None = None,
) -> ParameterForm:
    """A form over an action's parameters but those in `skip`; drafts are laid out part by part (`contact.value`)."""
    words = known or Vocabulary()
    form = ParameterForm(data, initial={name: shown_text(value) for name, value in (initial or {}).items()})
    form.parts = {}
    for part in _parts(deed, skip, words.labels):
        form.parts[part.name] = part
        form.fields[part.name] = _control(part, words)
        if part.default not in (None, "", [], False) and part.name not in form.initial:
            form.initial[part.name] = getattr(part.default, "value", part.default)
    return form


def day_input(*, moment: bool = False, attributes: Mapping[str, str] | None = None) -> forms.TextInput:
    """A day or a moment as it is written in every language: 2026-03-05, 2026-03-05 14:30.

    The browser's own control writes it as the browser likes, whatever language the page has.
    """
    shape = _("YYYY-MM-DD HH:MM") if moment else _("YYYY-MM-DD")
    given = {
        "data-day": "moment" if moment else "date",
        "placeholder": shape,
        "size": "16" if moment else "10",
    }
    return forms.TextInput(attrs={**given, "autocomplete": "off", **(attributes or {})})


def shown_text(value: Any) -> Any:
    """A value as a control of HTML holds it."""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def listed(text: str) -> list[str]:
    """The parts of a text that people separate with commas, Western or Chinese."""
    parts = text.replace("，", ",").replace("、", ",").split(",")
    return [part.strip() for part in parts if part.strip()]


def _value(part: _Part, raw: Any) -> Any:
    """One control's text as JSON-like value: empty is None where nothing is a value, else the empty text."""
    bare, optional = _bare(part.annotation)
    if get_origin(bare) is list:
        if isinstance(raw, list):
            return raw
        return listed(str(raw))
    if bare is bool:
        return {"true": True, "false": False}.get(str(raw).lower())
    if raw == "" and (optional or bare is not str):
        return None
    return raw


def payload_of(form: ParameterForm) -> dict[str, Any]:
    """What the person filled in, as the payload of `run`. Nothing is left out that was emptied on purpose."""
    payload: dict[str, Any] = {}
    for name, part in form.parts.items():
        raw = form[name].value()
        if isinstance(form.fields[name], forms.BooleanField):
            raw = bool(raw) and str(raw) != "False"
        value = _value(part, "" if raw is None else raw)
        _bare_type, optional = _bare(part.annotation)
        if value is None and not optional:
            continue
        outer, _dot, inner = name.partition(".")
        if inner:
            payload.setdefault(outer, {})[inner] = value
        else:
            payload[outer] = value
    return payload


def put_problems(form: forms.Form, refusal: Invalid) -> None:
    """Say each problem beside the control it belongs to, or above the form where there is none."""
    form.is_valid()
    for name, texts in refusal.fields.items():
        target = _target(form, name)
        for text in texts:
            unnamed = target is None and name not in ("__all__", "__root__")
            form.add_error(target, f"{name}: {text}" if unnamed else str(text))


def differing(form: forms.Form, theirs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Both sides of the visible controls whose text is no longer what is kept, for `{% conflict %}`."""
    made = []
    for name, control in form.fields.items():
        if isinstance(control.widget, forms.HiddenInput) or name not in theirs:
            continue
        sides = [_side(control, value) for value in (form[name].value(), theirs[name])]
        if sides[0] != sides[1]:
            made.append({"label": control.label, "yours": sides[0], "theirs": sides[1]})
    return made


def _side(control: forms.Field, value: Any) -> str:
    if isinstance(control, forms.BooleanField):
        return str(_YES if value in (True, "on", "true") else _NO)
    if isinstance(value, list | tuple):
        return joined(_side(control, each) for each in value)
    text = "" if value is None else str(shown_text(value)).replace("\r\n", "\n").strip()
    pairs: Iterable[Any] = list(control.choices) if isinstance(control, forms.ChoiceField) else ()  # type: ignore[arg-type]
    return next((str(label) for key, label in pairs if str(key) == text), text)


def _target(form: forms.Form, name: str) -> str | None:
    """The control that a dotted name of a refusal speaks of."""
    pieces = [piece for piece in name.split(".") if not piece.isdigit()]
    for wanted in (name, ".".join(pieces), *pieces[::-1]):
        for known in form.fields:
            if known == wanted or known.endswith(f".{wanted}") or known == f"custom.{wanted}":
                return known
    return None


def field_control(item: Field, choices: Choices = (), *, required: bool = False) -> forms.Field:
    """The control of a resource's field. `choices` are the records that a reference may name."""
    common: dict[str, Any] = {"label": item.label, "required": required, "help_text": item.help}
    pairs = [*choices] or [(each.value, each.label) for each in item.choices]
    if item.kind == Kind.YES_NO:
        pairs = [("true", pgettext_lazy("choice", "Yes")), ("false", pgettext_lazy("choice", "No"))]
    if item.kind == Kind.CHOICES and pairs:
        return forms.MultipleChoiceField(choices=pairs, widget=forms.CheckboxSelectMultiple, **common)
    if item.kind in (Kind.CHOICE, Kind.YES_NO) or pairs:
        return forms.ChoiceField(choices=[EMPTY, *pairs], **common)
    return forms.CharField(widget=_widget(item.kind), **common)


def _widget(kind: Kind) -> forms.Widget:
    types_of = {Kind.PHONE: "tel", Kind.EMAIL: "email", Kind.LINK: "url"}
    if kind in (Kind.DATE, Kind.MOMENT):
        return day_input(moment=kind == Kind.MOMENT)
    if kind == Kind.LONG_TEXT:
        return forms.Textarea(attrs={"rows": 3})
    if kind in (Kind.NUMBER, Kind.MONEY):
        return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.TextInput(attrs={"type": types_of.get(kind, "text"), "autocomplete": "off"})


def field_value(item: Field, raw: Any) -> Any:
    """What a control of `field_control` holds as JSON-like value."""
    if item.kind == Kind.CHOICES:
        return list(raw or [])
    if raw in ("", None):
        return None if item.kind not in (Kind.TEXT, Kind.LONG_TEXT, Kind.PHONE, Kind.EMAIL, Kind.LINK) else ""
    return {"true": True, "false": False}.get(str(raw), raw) if item.kind == Kind.YES_NO else raw
