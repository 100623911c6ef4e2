"""The command `zhike`: commands of the parts, and one generated for each action, query and resource."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from zhike.cli.errors import tell


def _parser() -> argparse.ArgumentParser:
    from zhike.cli import generated, own

    parser = argparse.ArgumentParser(prog="zhike", description="Zhike 知客")
    parser.add_argument("--as", dest="acting", metavar="USER", help="act with this user's rights")
    parser.add_argument("--key", help="idempotency key of a write")
    parser.add_argument("--language", default=None, help="zh-hans or en")
    branches = parser.add_subparsers(dest="room", metavar="COMMAND", required=True)
    tree = generated.Tree(branches)
    own.add(tree)
    generated.add(tree)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 refused, 2 misused."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")
    import django
    from django.utils import translation

    django.setup()
    from zhike.config.start import start

    start()
    options = _parser().parse_args(arguments)
    language = options.language or os.environ.get("ZHIKE_LANGUAGE") or "zh-hans"
    with translation.override(language):
        return tell(options.work, options)


if __name__ == "__main__":
    sys.exit(main())
