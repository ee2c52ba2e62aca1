"""The address that the web server listens on."""

import socket

from aiohttp import web

_ALL_OF_IPV6 = "::"


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
    if host != _ALL_OF_IPV6:
        return web.TCPSite(runner, host, port, backlog=backlog)
    listener = socket.socket(socket.AF_INET6)
    try:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return web.SockSite(runner, listener, backlog=backlog)
