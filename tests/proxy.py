"""A forward proxy that maps host names to servers on this machine."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

_REFUSED = b"HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Proxy:
    """Tunnels (CONNECT) or forwards requests.

    Args:
        hosts: the local port for each `name:port`.
        login: the required `user:password`, if any.

    Attributes:
        asked: the first lines of accepted requests.
        refused: the first lines of rejected requests.
        url: its address, without the login.
    """

    def __init__(self, hosts: Mapping[str, int], login: str = "") -> None:
        self._hosts = hosts
        self._login = f"Basic {b64encode(login.encode()).decode()}" if login else ""
        self.asked: list[str] = []
        self.refused: list[str] = []
        self.url = ""
        self._talks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Proxy"]:
        """Serve on a free port until the block ends."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for talk in self._talks:
                talk.cancel()
            await asyncio.gather(*self._talks, return_exceptions=True)

    @property
    def hosts_asked(self) -> set[str]:
        """The hosts of all accepted requests, as `name:port`."""
        return {line.split()[1] for line in self.asked if line.startswith("CONNECT ")}

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            fields = {
                name.lower(): value for name, _, value in (ln.partition(": ") for ln in lines)
            }
            if fields.get("proxy-authorization", "") != self._login:
                await self._refuse(first, b"407 Proxy Authentication Required", writer)
                return
            method, target, _ = first.split()
            host = target if method == "CONNECT" else f"{urlsplit(target).hostname}:80"
            if host not in self._hosts:
                await self._refuse(first, b"403 Forbidden", writer)
                return
            self.asked.append(first)
            there = await asyncio.open_connection("127.0.0.1", self._hosts[host])
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = urlsplit(target).path
                there[1].write(head.replace(target, path, 1).encode("latin-1"))
            await asyncio.gather(_pump(reader, there[1]), _pump(there[0], writer))

    async def _refuse(self, first: str, status: bytes, writer: asyncio.StreamWriter) -> None:
        self.refused.append(first)
        writer.write(_REFUSED % status)
        await writer.drain()
        writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
    finally:
        writer.close()
