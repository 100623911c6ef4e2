"""Forms about members of staff."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.kernel.actor import Context
from zhike.web.forms import EMPTY
from zhike.web.settings.choices import languages, role_pairs, unit_choices


class _WithUnit(forms.Form):
    def __init__(self, context: Context, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ChoiceField)
        unit.choices = [EMPTY, *unit_choices(context)]
        locale = self.fields["locale"]
        assert isinstance(locale, forms.ChoiceField)
        locale.choices = languages()
        if isinstance(roles := self.fields.get("roles"), forms.MultipleChoiceField):
            roles.choices = role_pairs()


class CreateUser(_WithUnit):
    """Somebody new."""

    name = forms.CharField(label=_("Name"), max_length=120)
    username = forms.CharField(
        label=_("User name"), max_length=150, help_text=_("Letters, digits and . _ - @ +; for signing in."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )  # fmt: skip
    email = forms.CharField(
        label=_("E-mail"), required=False, max_length=254, help_text=_("For a link when the password is forgotten."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    unit = forms.ChoiceField(
        label=_("Unit"), required=False, help_text=_("Decides which records “own unit” means.")
    )
    locale = forms.ChoiceField(label=_("Language"))
    roles = forms.MultipleChoiceField(
        label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Whoever has two roles may do what either may do."),
    )  # fmt: skip


class ChangeUser(_WithUnit):
    """Name, e-mail, unit and language of somebody."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.CharField(label=_("E-mail"), required=False, max_length=254, widget=forms.EmailInput)
    unit = forms.ChoiceField(label=_("Unit"), required=False)
    locale = forms.ChoiceField(label=_("Language"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class SetRoles(forms.Form):
    """The roles of somebody."""

    roles = forms.MultipleChoiceField(label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = self.fields["roles"]
        assert isinstance(roles, forms.MultipleChoiceField)
        roles.choices = role_pairs()
