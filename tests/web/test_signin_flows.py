"""Signing in: password, one-time password, second factor, recovery codes, lock-out, and a closed door for strangers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests.world import NOW, PASSWORD, World
from zhike.kernel import staff_actions
from zhike.kernel.events import facts_of
from zhike.kernel.models import User

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _no_earlier_attempts(db: None) -> None:
    cache.clear()


def _sign_in(client: Client, username: str = "rep", password: str = PASSWORD) -> int:
    return client.post(LOGIN, {"login": username, "password": password}).status_code


def _signed_in(client: Client) -> bool:
    return client.get("/settings/profile/").status_code == 200


def _code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def _with_app(client: Client) -> str:
    """Set up an authenticator app for who is signed in; returns its secret. The password is asked for once more."""
    assert (
        client.get("/accounts/2fa/totp/activate/").headers["Location"].startswith("/accounts/reauthenticate/")
    )
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert not {secret} & set(map(str, client.session.values()))
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert wrong.context["form"].secret == secret
    assert not {secret} & set(map(str, client.session.values()))
    answer = client.post("/accounts/2fa/totp/activate/", {"code": _code(secret)})
    assert answer.status_code == 302
    return str(secret)


def test_strangers_are_sent_to_sign_in_and_back(world: World) -> None:
    client = Client()
    sent = client.get("/settings/units/?x=1")
    assert sent.headers["Location"] == "/accounts/login/?next=%2Fsettings%2Funits%2F%3Fx%3D1"
    back = client.post(
        sent.headers["Location"], {"login": "rep", "password": PASSWORD, "next": "/settings/units/?x=1"}
    )
    assert back.headers["Location"] == "/settings/units/?x=1"


def test_signing_in_gives_a_new_session_and_a_fact(world: World) -> None:
    client = Client()
    client.get(LOGIN)
    client.session.save()
    before = client.session.session_key
    assert _sign_in(client) == 302
    assert client.session.session_key != before
    assert facts_of("staff", [world.rep.id])[0].kind == "staff.signed_in"


def test_people_sign_in_with_their_address_too(world: World) -> None:
    client = Client()
    assert _sign_in(client, "rep@example.com") == 302
    assert _signed_in(client)


def test_the_answer_does_not_tell_who_exists(world: World) -> None:
    User.objects.filter(pk=world.stranger.pk).update(is_active=False)
    answers = {
        str(Client().post(LOGIN, {"login": name, "password": "wrong"}).context["form"].errors)
        for name in ("rep", "nobody", "nobody@example.com", "stranger")
    }
    assert len(answers) == 1


@pytest.mark.parametrize("name", ["rep", "nobody"])
def test_five_failures_lock_the_account_for_a_while(world: World, name: str) -> None:
    for _attempt in range(5):
        assert _sign_in(Client(), name, "wrong") == 200
    locked = Client().post(LOGIN, {"login": name, "password": PASSWORD})
    assert locked.status_code == 200
    assert "15" in str(locked.context["form"].errors)
    assert _sign_in(Client(), "colleague") == 302


def test_fifty_failures_lock_the_address(world: World) -> None:
    for attempt in range(50):
        _sign_in(Client(), f"nobody{attempt}", "wrong")
    assert _sign_in(Client()) == 200


def test_nobody_signs_up(world: World) -> None:
    for answer in (Client().get("/accounts/signup/"), Client().post("/accounts/signup/", {"username": "x"})):
        assert answer.status_code == 403
    assert User.objects.count() == 9


def test_a_one_time_password_is_replaced_first(world: World) -> None:
    given = staff_actions.reset_password(world.context(world.admin), world.rep.id).password
    client = Client()
    _sign_in(client, "rep", given)
    for place in ("/", "/settings/profile/", "/accounts/2fa/"):
        assert client.get(place).headers["Location"] == "/accounts/password/change/"
    assert client.get("/api/v1/customers").status_code == 403
    change = "/accounts/password/change/"
    same = client.post(change, {"password1": given, "password2": given})
    assert same.status_code == 200
    chosen = {"password1": "Quiet-Harbour-58", "password2": "Quiet-Harbour-58"}
    assert client.post(change, chosen).headers["Location"] == "/"
    assert _signed_in(client)
    user = User.objects.get(pk=world.rep.pk)
    assert not user.must_change_password
    assert user.check_password("Quiet-Harbour-58")
    assert "staff.password_chosen" in {fact.kind for fact in facts_of("staff", [user.id])}


@pytest.mark.parametrize("weak", ["short-1", "1234567890123", "password123", "rep@example"])
def test_weak_passwords_are_refused_with_the_reason(world: World, weak: str) -> None:
    client = Client()
    _sign_in(client)
    given = {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    answer = client.post("/accounts/password/change/", given)
    assert list(answer.context["form"].errors) == ["password1"]
    assert User.objects.get(pk=world.rep.pk).check_password(PASSWORD)


def test_changing_the_password_ends_the_other_sessions(world: World) -> None:
    here, elsewhere = Client(), Client()
    _sign_in(here)
    _sign_in(elsewhere)
    new = "Quiet-Harbour-58"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert _signed_in(here)
    assert not _signed_in(elsewhere)


def test_the_app_asks_for_its_code_and_takes_it_once(world: World) -> None:
    client = Client()
    _sign_in(client)
    secret = _with_app(client)
    kept = Authenticator.objects.get(user=world.rep, type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in kept
    cache.clear()
    client, other = Client(), Client()
    assert (
        client.post(LOGIN, {"login": "rep", "password": PASSWORD}).headers["Location"]
        == "/accounts/2fa/authenticate/"
    )
    assert not _signed_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    code = _code(secret)
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).headers["Location"] == "/"
    assert _signed_in(client)
    _sign_in(other)
    assert other.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200
    assert not _signed_in(other)


def test_each_recovery_code_signs_in_once(world: World) -> None:
    client = Client()
    _sign_in(client)
    _with_app(client)
    codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    first, again = Client(), Client()
    _sign_in(first)
    assert first.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert _signed_in(first)
    _sign_in(again)
    assert again.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 200
    assert not _signed_in(again)


def test_a_forgotten_password_is_chosen_anew_by_mail(world: World) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": "rep@example.com"})
    client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert [message.to for message in mail.outbox] == [["rep@example.com"]]
    link = next(word for word in str(mail.outbox[0].body).split() if "/password/reset/key/" in word)
    form = client.get(link.replace("http://testserver", ""), follow=True)
    new = "Quiet-Harbour-58"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    assert User.objects.get(pk=world.rep.pk).check_password(new)


def test_a_session_ends_after_thirty_minutes_without_use(world: World) -> None:
    client = Client()
    _sign_in(client)
    assert _signed_in(client)
    session = client.session
    session["seen_at"] = (datetime.now(UTC) - timedelta(minutes=31)).isoformat()
    session.save()
    assert not _signed_in(client)


def test_a_session_ends_after_twelve_hours_in_any_case(world: World) -> None:
    client = Client()
    _sign_in(client)
    assert _signed_in(client)
    session = client.session
    session["began_at"] = (datetime.now(UTC) - timedelta(hours=12, minutes=1)).isoformat()
    session.save()
    assert not _signed_in(client)


def test_what_pages_ask_by_themselves_keeps_no_session_alive(world: World) -> None:
    client = Client()
    _sign_in(client)
    _signed_in(client)
    session = client.session
    before = session["seen_at"] = (datetime.now(UTC) - timedelta(minutes=10)).isoformat()
    session.save()
    assert client.get("/jobs/indicator/").status_code == 200
    assert client.session["seen_at"] == before
    client.get("/jobs/")
    assert client.session["seen_at"] > before


def test_one_ends_the_sessions_one_does_not_know(world: World) -> None:
    here, elsewhere = Client(), Client()
    _sign_in(here)
    _sign_in(elsewhere)
    other = UserSession.objects.get(session_key=elsewhere.session.session_key)
    stranger = Client()
    _sign_in(stranger, "stranger")
    stranger.post("/accounts/sessions/", {"session": str(other.pk)})
    assert _signed_in(elsewhere)
    here.post("/accounts/sessions/", {"session": str(other.pk)})
    assert not _signed_in(elsewhere)
    assert _signed_in(here)


def test_a_disabled_user_is_out_at_once(world: World) -> None:
    client = Client()
    _sign_in(client)
    assert _signed_in(client)
    staff_actions.disable(world.context(world.admin, now=NOW), world.rep.id)
    assert not _signed_in(client)


def test_language_and_look_follow_the_person(world: World) -> None:
    first, second = Client(), Client()
    _sign_in(first)
    first.post("/i18n/setlang/", {"language": "en"})
    first.cookies["zhike_theme"] = "dark"
    assert 'lang="en"' in first.get("/settings/profile/").content.decode()
    user = User.objects.get(pk=world.rep.pk)
    assert (user.locale, user.theme) == ("en", "dark")
    _sign_in(second)
    page = second.get("/settings/profile/").content.decode()
    assert 'lang="en"' in page
    assert 'data-bs-theme="dark"' in page
    User.objects.filter(pk=user.pk).update(theme="light")
    assert 'data-bs-theme="light"' in second.get("/settings/profile/").content.decode()
