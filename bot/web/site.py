"""The address that the web server listens on."""

import socket

from aiohttp import web

_EVERY_INTERFACE = "::"


def build_site(runner: web.AppRunner, host: str, port: int, backlog: int) -> web.BaseSite:
    """Return a site that listens once it is started.

    `::` takes IPv4 too, as most servers and hosts mean it; asyncio would leave it at IPv6.

    Args:
        runner: of the application.
        host: an address or name of this machine.
        port: 0 picks a free one.
        backlog: connections that the kernel accepts ahead of the server.

    Raises:
        OSError: `::` cannot be had; for other hosts, starting the site raises it.
    """
    if host == _EVERY_INTERFACE:
        return web.SockSite(runner, dual_stack_socket(port), backlog=backlog)
    return web.TCPSite(runner, host, port, backlog=backlog)


def dual_stack_socket(port: int) -> socket.socket:
    """Return a socket that is bound to every interface, by IPv6 and IPv4.

    Raises:
        OSError: the port is taken, or this machine has no IPv6.
    """
    bound = socket.socket(socket.AF_INET6)
    try:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((_EVERY_INTERFACE, port))
    except OSError:
        bound.close()
        raise
    return bound
