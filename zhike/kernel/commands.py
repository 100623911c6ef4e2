"""Commands that a part of the house adds to the command line beside those generated from the registry."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[Namespace], int]
Arguments = Callable[[ArgumentParser], None]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its words (`audit verify`), what it does in a line, its arguments and its work."""

    words: tuple[str, ...]
    summary: str
    arguments: Arguments
    work: Work


_commands: dict[tuple[str, ...], Command] = {}


def command(words: str, summary: str, arguments: Arguments = lambda parser: None) -> Callable[[Work], Work]:
    """Register a command. The work gets the parsed options and returns the exit status."""

    def wrap(work: Work) -> Work:
        _commands[tuple(words.split())] = Command(tuple(words.split()), summary, arguments, work)
        return work

    return wrap


def commands() -> list[Command]:
    """All registered commands, by their words."""
    return [item for _, item in sorted(_commands.items())]
