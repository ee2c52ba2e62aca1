"""A socket for every interface."""

import socket

EVERY_INTERFACE = "::"


def dual_stack_socket(port: int) -> socket.socket:
    """Return a socket that is bound to every interface, by IPv6 and IPv4.

    Most servers and hosts mean that by `::`; asyncio would leave it at IPv6.

    Args:
        port: 0 picks a free one.

    Raises:
        OSError: the port is taken, or this machine has no IPv6.
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
