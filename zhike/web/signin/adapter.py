"""How allauth signs people in here: nobody signs up alone, and what happened becomes a fact."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.kernel.crypto import decrypt, encrypt
from zhike.kernel.own_account import choose_password, note_sign_in
from zhike.web.signin.secrets import PURPOSE
from zhike.web.signin.taste import give_taste

# One text for every wrong pair, so that the answer does not tell whether the user exists.
_WRONG = _("The user name or the password is wrong.")
_SILENT = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closed sign-up, sign-ins and new passwords as facts, the person's own look from the first page on."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _WRONG,
        "email_password_mismatch": _WRONG,
        "invalid_login": _WRONG,
        "account_inactive": _WRONG,
        "too_many_login_attempts": _("Too many failed attempts. Wait a quarter of an hour and try again."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your current password."),
        "incorrect_code": _("This code is wrong, used or expired."),
        "rate_limited": _("Too many attempts. Wait a moment and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by an administrator."""
        return False

    def set_password(self, user: Any, password: str) -> None:
        """Keep a password that the person chose."""
        choose_password(user, password, datetime.now(UTC))

    def post_login(self, request: HttpRequest, user: Any, **rest: Any) -> HttpResponse:
        """Note the sign-in and set this browser to the person's language and look."""
        response: HttpResponse = super().post_login(request, user, **rest)
        note_sign_in(user, datetime.now(UTC), address=self.get_client_ip(request))
        give_taste(request, response, user)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the security page; after a one-time password, home."""
        return "/" if request.session.pop("first_password", False) else reverse("mfa_index")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **rest: Any
    ) -> None:
        """Say what is worth saying; that one has just signed in or out shows by itself."""
        if message_template not in _SILENT:
            super().add_message(request, level, message_template, *args, **rest)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are encrypted at rest with the installation's key."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is wrong, used or expired."),
    }

    def encrypt(self, text: str) -> str:
        """The secret as it is kept."""
        return encrypt(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret as it is used."""
        return decrypt(encrypted_text, PURPOSE)
