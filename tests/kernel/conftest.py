"""Fixtures of the kernel's tests."""

from tests.kernel.things import thing_tables, things

__all__ = ["thing_tables", "things"]
