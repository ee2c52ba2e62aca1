"""Send signed webhooks about the rooms, like VideoSDK.

https://docs.videosdk.live/api-reference/realtime-communication/user-webhooks
"""

import asyncio
import base64
import json
import random
import time
from contextlib import nullcontext
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

import aiohttp
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.sandbox.journal import Journal, readable
from bot.sandbox.videosdk.oddities import Oddities
from bot.sandbox.videosdk.rooms import Record

RESPONSE_TIMEOUT = 10.0  # seconds
RETRY_PAUSE = 0.1  # seconds

_JSON = "application/json"


class Event(NamedTuple):
    """An event to send: the URL, and the exact body that will be signed."""

    url: str
    body: bytes


class WebhookDelivery(NamedTuple):
    """A sent event, with the status of the response; None if there was none."""

    url: str
    body: bytes
    signature: str
    status: int | None


class WebhookSender:
    """Sends one account's webhooks, each in its own task.

    Attributes:
        held: the events that wait while `paused`; tests may reorder, repeat or drop them.
        deliveries: the events that were sent.
        duplicate: whether to send every event twice.
        in_order: whether each event waits for the response to the previous one.

    Args:
        journal: records the requests.
        oddities: the form of the events and of the key, and how often an event is retried.
    """

    def __init__(self, journal: Journal | None = None, oddities: Oddities | None = None) -> None:
        self.held: list[Event] = []
        self.deliveries: list[WebhookDelivery] = []
        self.duplicate = False
        self.in_order = False
        self._paused = False
        self._to_lose = 0
        self._key_number = 0
        self._journal = journal or Journal()
        self._oddities = oddities or Oddities()
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    @property
    def paused(self) -> bool:
        """Whether events are held back; set it to False to send them."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self._release()

    @property
    def public_key(self) -> str:
        """The key that verifies the signatures, as PEM."""
        public = _key(self._key_number).public_key()
        if self._oddities.key_form == "pkcs1":
            return "\n" + public.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def rotate_key(self) -> None:
        """Sign with a new key from now on."""
        self._key_number += 1

    def lose(self, count: int) -> None:
        """Drop the next `count` events."""
        self._to_lose += count

    def shuffle(self, seed: int) -> None:
        """Shuffle the events that are held back."""
        random.Random(seed).shuffle(self.held)  # noqa: S311 - reproducible, and no secret

    def sign(self, body: bytes) -> str:
        """Return the value of the header videosdk-signature for a body."""
        signature = _key(self._key_number).sign(body, padding.PKCS1v15(), SHA256())
        return base64.b64encode(signature).decode()

    def announce(self, meeting: Record, kind: str, data: Record) -> None:
        """Send an event about a meeting, if its webhook wants events of this kind."""
        webhook = meeting.get("webhook") or {"events": []}
        if any(fnmatchcase(kind, pattern) for pattern in webhook["events"]):
            self.send(webhook["endPoint"], kind, data)

    def send(self, url: str, kind: str, data: Record) -> None:
        """Send an event to a URL. Some events, like resource-acquired, are about no room."""
        if self._to_lose:
            self._to_lose -= 1
            return
        event = {self._oddities.webhook_field: kind, "data": data}
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        self.held += [Event(url, body)] * (2 if self.duplicate else 1)
        self._release()

    async def settled(self) -> None:
        """Wait until all events that aren't held back have been sent."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Cancel the events in flight."""
        for task in self._tasks:
            task.cancel()
        await self.settled()
        await self.disconnect()

    async def disconnect(self) -> None:
        """Close the connections; the next event opens a new one."""
        session, self._session = self._session, None
        if session:
            await session.close()

    def _release(self) -> None:
        if self._paused:
            return
        for event in self.held:
            task = asyncio.create_task(self._deliver(event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self.held.clear()

    async def _deliver(self, event: Event) -> None:
        async with self._turn if self.in_order else nullcontext():
            for _ in range(self._oddities.retries):
                if await self._try(event):
                    return
                await asyncio.sleep(RETRY_PAUSE)
            await self._try(event)

    async def _try(self, event: Event) -> bool:
        """Send an event, and return whether the response was 2xx."""
        begun = self._journal.begin(
            source="VideoSDK",
            target="bot",
            method="POST",
            path=urlsplit(event.url).path,
            request=readable(event.body, _JSON),
        )
        began = time.perf_counter()
        signature = self.sign(event.body)
        try:
            status, answer = await self._post(event, signature)
        except (aiohttp.ClientError, TimeoutError):
            status, answer = None, ""
        self.deliveries.append(WebhookDelivery(*event, signature, status))
        ms = round((time.perf_counter() - began) * 1000)
        self._journal.end(begun, status=status, ms=ms, response=answer)
        return status is not None and status // 100 == 2  # noqa: PLR2004 - success in HTTP

    async def _post(self, event: Event, signature: str) -> tuple[int, str]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(RESPONSE_TIMEOUT))
        headers = {"Content-Type": _JSON, "videosdk-signature": signature}
        async with self._session.post(
            event.url, data=event.body, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, await answer.text(errors="replace")


@cache
def _key(_number: int) -> rsa.RSAPrivateKey:
    """Return a key that all stand-ins of this process share: generating one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
