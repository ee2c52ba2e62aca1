"""Bind a socket to every interface, by IPv4 and IPv6."""

import socket

EVERY_INTERFACE = "::"


def dual_stack_socket(port: int) -> socket.socket:
    """Return a socket bound to every interface, by IPv4 and IPv6.

    Most servers and hosts mean both by `::`; asyncio would bind IPv6 alone.

    Args:
        port: 0 for a free one.

    Raises:
        OSError: the port is in use, or the machine has no IPv6.
    """
    bound = socket.socket(socket.AF_INET6)
    try:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((EVERY_INTERFACE, port))
    except OSError:
        bound.close()
        raise
    return bound
