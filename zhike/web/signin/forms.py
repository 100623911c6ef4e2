"""The forms of signing in, in our own words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordKeyForm
from allauth.core import context as current
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_POLICY = gettext_lazy(
    "At least 10 characters, not only digits, not a common password and not like your name."
)


def _plain(form: forms.Form) -> None:
    """Labels stand above their fields: the placeholders that repeat them go."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class Login(LoginForm):  # type: ignore[misc]
    """User name or e-mail, and the password. The browser offers passkeys in the first field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)
        self.fields["login"].label = _("User name or e-mail")
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none"}
        if not self.is_bound:
            self.fields["login"].widget.attrs["autofocus"] = True
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""


class ChoosePassword(ChangePasswordForm):  # type: ignore[misc]
    """A new password. Who came in with a one-time password a moment ago need not type it again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)
        if self.user.must_change_password:
            del self.fields["oldpassword"]
        else:
            self.fields["oldpassword"].label = _("Current password")
            self.fields["oldpassword"].help_text = ""
        _label_new(self)

    def clean_password1(self) -> str:
        """Refuse the password that is being replaced."""
        chosen: str = self.cleaned_data["password1"]
        if self.user.check_password(chosen):
            raise forms.ValidationError(_("Choose another password than the one you have."))
        return chosen


def _label_new(form: forms.Form) -> None:
    form.fields["password1"].label = _("New password")
    form.fields["password1"].help_text = _POLICY
    form.fields["password2"].label = _("New password once more")


class ResetPassword(ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password by the link of an e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)
        _label_new(self)


def _code_field(form: forms.Form, label: str) -> None:
    field = form.fields["code"]
    field.label = label
    field.widget.attrs = {
        "autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none", "spellcheck": "false",
    }  # fmt: skip


class SecondFactor(AuthenticateForm):  # type: ignore[misc]
    """The code of the authenticator app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code_field(self, _("Code"))
        self.fields["code"].help_text = _(
            "Six digits of your authenticator app, or one of your recovery codes."
        )


class ActivateApp(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app. Its secret waits in the session, which is a row: encrypted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session, adapter = current.request.session, get_adapter()
        waiting = session.get(SECRET_SESSION_KEY)
        super().__init__(*args, **kwargs)
        # allauth took the secret as it lay in the session, or put a new one there in clear.
        if self.is_bound and waiting:
            self.secret = adapter.decrypt(waiting)
        else:
            session[SECRET_SESSION_KEY] = adapter.encrypt(self.secret)
        _code_field(self, _("Code"))
        self.fields["code"].widget.attrs["inputmode"] = "numeric"
        self.fields["code"].help_text = _("The six digits that the app shows now.")


class AddPasskey(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey or security key: a name, and whether it signs in without a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the key")
        self.fields["name"].help_text = _("So that you know it again, for example “Office laptop”.")
        self.fields["passwordless"].label = _("Sign in with this key alone, without a password")
        self.fields["passwordless"].help_text = _("The key then asks for your finger, face or PIN.")
        self.fields["passwordless"].initial = True


class RenamePasskey(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the key")
