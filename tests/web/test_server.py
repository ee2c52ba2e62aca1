"""The web server answers waiting connections before it closes."""

import socket

from aiohttp import web

from bot.web.server import Server


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


async def test_connections_in_the_backlog_are_served_though_the_server_closes() -> None:
    app = web.Application()
    app.router.add_get("/", hello)
    server = Server(app, 1.0, 75)
    await server.open("127.0.0.1", 0)
    # Nothing is awaited between these connections and close(), so none has been accepted yet.
    clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: bot\r\n\r\n")

    await server.close()

    for client in clients:
        with client, client.makefile("rb") as answer:
            said = answer.read()
        assert said.startswith(b"HTTP/1.1 200 OK")
        assert b"Connection: close" in said
        assert said.endswith(b"hello")


async def test_a_server_that_never_opened_can_be_closed() -> None:
    await Server(web.Application(), 1.0, 75).close()
