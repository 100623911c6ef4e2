"""Tests stay on this machine: a connection or a name look-up beyond loopback raises."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

attempts: list[str] = []


class NetworkForbidden(RuntimeError):
    """A test tried to leave this machine."""


def _is_local(host: object) -> bool:
    if host is None or host == "":
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in {"localhost", "localhost.localdomain", "testserver", "0.0.0.0"}:
        return True
    try:
        return ipaddress.ip_address(name.split("%", 1)[0]).is_loopback
    except ValueError:
        return False


def _guard(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = args[0]
    else:
        return
    if not _is_local(host):
        attempts.append(f"{event} {host!r}")
        raise NetworkForbidden(f"Tests may not leave this machine: {event} to {host!r}")


def forbid() -> None:
    """Install the guard for the rest of this process; Python cannot take it away again."""
    if not getattr(sys, "_zhike_network_guard", False):
        sys.addaudithook(_guard)
        sys._zhike_network_guard = True  # type: ignore[attr-defined]
