"""Refusals on the command line: what is wrong, on standard error, and a status of 1."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable

from django.db import DatabaseError
from django.utils.translation import gettext as _

from zhike.kernel.errors import Invalid, NoRoom, Refusal, disk_full


def tell(work: Callable[[Namespace], int], options: Namespace) -> int:
    """Do the work; tell a refusal in plain words instead of a traceback."""
    try:
        return work(options)
    except Invalid as refusal:
        print(refusal.message, file=sys.stderr)
        for name, texts in refusal.fields.items():
            print(f"  {name}: {' '.join(map(str, texts))}", file=sys.stderr)
        return 1
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader (`| head`) has gone; nothing more is to be said, also not at exit.
        sys.stderr.close()
        return 0
    except (OSError, DatabaseError) as error:
        if disk_full(error):
            print(NoRoom().message, file=sys.stderr)
            return 1
        if isinstance(error, OSError) or _prepared(error):
            raise
        print(_("The database is not prepared yet: run `zhike migrate`."), file=sys.stderr)
        return 1


def _prepared(error: DatabaseError) -> bool:
    """Whether the tables are there: what went wrong is something else."""
    return "no such table" not in str(error) and "does not exist" not in str(error)
