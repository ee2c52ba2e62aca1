"""Block connections to other machines.

Tests install it with a fixture; processes that tests start find it on their PYTHONPATH.
"""

import ipaddress
import sys
from typing import Any


def _stay(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(args[1], tuple):
        _require_loopback(args[1][0])
    elif event == "socket.getaddrinfo" and args[0]:
        _require_loopback(args[0])


def _require_loopback(host: str | bytes) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    try:
        inside = name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        inside = False
    # Servers listen on 0.0.0.0; resolving it contacts nobody.
    if not inside and name != "0.0.0.0":  # noqa: S104
        raise RuntimeError(f"the tests stay on this machine, and this goes to {name}")


sys.addaudithook(_stay)
