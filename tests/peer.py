"""A server that sends exact bytes, for answers that no web framework would send."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

CERTIFICATE = Path(__file__).parent / "videosdk" / "self_signed.pem"


class Peer:
    """A server that sends the same answer to every request, and records requests.

    Attributes:
        answer: the bytes to send, or a function that creates them from the request's head.
        cut: when it is set, the connection is reset after the answer; None leaves it open.
        asked: the heads of the requests.
        connections: the number of connections opened.
        url: its address.
    """

    def __init__(
        self, answer: bytes | Callable[[str], bytes], *, cut: asyncio.Event | None = None
    ) -> None:
        self.answer = answer
        self.cut = cut
        self.asked: list[str] = []
        self.connections = 0
        self.url = ""
        self._talks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @asynccontextmanager
    async def listening(self, tls: ssl.SSLContext | None = None) -> AsyncIterator["Peer"]:
        """Serve on a free port until the block ends."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=tls)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for talk, writer in self._talks.items():
                talk.cancel()
                writer.close()
            await asyncio.gather(*self._talks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._talks[asyncio.create_task(self._talk(reader, writer))] = writer

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while not writer.transport.is_closing():
                head = await _read_request(reader)
                self.asked.append(head)
                writer.write(self.answer(head) if callable(self.answer) else self.answer)
                await writer.drain()
                if self.cut:
                    await self.cut.wait()
                    _reset(writer)


async def _read_request(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    for line in head.splitlines():
        if line.lower().startswith("content-length:"):
            await reader.readexactly(int(line.split(":")[1]))
    return head


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    # Closing a socket with a linger time of 0 sends RST instead of FIN.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def http_answer(body: bytes, *lines: str, status: str = "200 OK") -> bytes:
    """Return a complete answer with these header lines."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines])
    return f"{head}\r\n\r\n".encode("latin-1") + body


@contextmanager
def full_house() -> Iterator[str]:
    """Yield the address of a server that neither accepts nor refuses new connections."""
    with socket.socket() as server, socket.socket() as guest:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        guest.connect(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def self_signed() -> ssl.SSLContext:
    """Return a TLS context with a self-signed certificate."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE)
    return tls


def at_once() -> asyncio.Event:
    """Return a `cut` that resets the connection right after the answer."""
    signal = asyncio.Event()
    signal.set()
    return signal
