"""`zhike demo`: the demo company into an empty home."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from zhike.kernel.commands import command
from zhike.kernel.errors import Invalid

_MOST = 1_000_000


class _Progress:
    """One line on the terminal that is written over; a line every few seconds where there is none."""

    def __init__(self) -> None:
        self._began, self._last, self._what = time.monotonic(), 0.0, ""

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        live = sys.stderr.isatty()
        if done < total and now - self._last < (0.2 if live else 5.0):
            return
        self._last = now
        text = _("%(what)s: %(done)s of %(total)s, %(seconds)s s") % {
            "what": what, "done": f"{done:,}", "total": f"{total:,}", "seconds": round(now - self._began)
        }  # fmt: skip
        end = "\r" if live and done < total else "\n"
        print(f"{text}\033[K" if live else text, end=end, file=sys.stderr, flush=True)


def _arguments(parser: ArgumentParser) -> None:
    from zhike.feeds.demo.build import PASSWORD

    parser.add_argument("--size", type=int, default=20_000, help="customers (up to 1,000,000)")
    parser.add_argument("--seed", type=int, default=2026, help="another number, another company")
    parser.add_argument("--password", default=PASSWORD, help="with which everybody of the demo signs in")
    parser.add_argument("--fresh", action="store_true", help="remove the demo in this home and build it anew")


def _check(options: Namespace) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if not 1 <= options.size <= _MOST:
        raise Invalid({"size": _("Choose 1 to %(most)s customers.") % {"most": f"{_MOST:,}"}})
    if options.seed < 0:
        raise Invalid({"seed": _("Enter a whole number.")})
    try:
        validate_password(options.password)
    except ValidationError as error:
        raise Invalid({"password": " ".join(error.messages)}) from None


def _tell(password: str) -> None:
    from zhike.feeds.demo.build import company

    print(f"{company()}  {settings.BASE_URL}")
    print("  " + _("Users: admin, director, manager, rep, agent, analyst, auditor; also manager2 …, rep2 …"))
    print("  " + _("Password of all: %(password)s") % {"password": password}, flush=True)


@command("demo", "Load the demo company into an empty home", _arguments)
def demo(options: Namespace) -> int:
    """Build the demo; leave one that is there, unless asked for a fresh one."""
    from zhike.feeds.demo.build import build, mark, prepare_database, remove
    from zhike.feeds.demo.company import Plan

    _check(options)
    prepare_database()
    if options.fresh:
        remove()
    known = mark()
    if known is not None:
        text = _("This home holds the demo of %(day)s with %(size)s customers already; it is left as it is.")
        unfinished = _("The demo in this home was not finished. Build it anew with --fresh.")
        print(text % {"day": known.day, "size": f"{known.size:,}"} if known.ready else unfinished)
        return 0 if known.ready else 1
    began = time.monotonic()
    build(Plan(options.seed, options.size, datetime.now(UTC)), options.password, _Progress())
    print(_("The demo company is ready after %(seconds)s s.") % {"seconds": round(time.monotonic() - began)})
    _tell(options.password)
    return 0
