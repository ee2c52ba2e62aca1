"""Post what happens in the rooms to who asked for it, signed, as VideoSDK does.

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

PATIENCE = 10.0  # seconds for an answer
RETRY_PAUSE = 0.1  # seconds

_JSON = "application/json"


class Event(NamedTuple):
    """One event on its way: the address, and the body that will be signed as it is."""

    url: str
    body: bytes


class WebhookDelivery(NamedTuple):
    """One event as it was sent, and the status that came back, None if none did."""

    url: str
    body: bytes
    signature: str
    status: int | None


class WebhookSender:
    """The deliveries of one account: each has a task of its own.

    Attributes:
        held: what waits while `paused`, open to change: reorder, double or lose at will.
        deliveries: what was sent.
        duplicate: send every event twice.
        in_order: send an event only after the answer to the one before.

    Args:
        journal: records what was sent and answered.
        oddities: the form of the events and of the key, and how often an event is sent again.
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
        """The key, as PEM, that proves the signatures."""
        public = _key(self._key_number).public_key()
        if self._oddities.key_form == "pkcs1":
            return "\n" + public.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def rotate_key(self) -> None:
        """Sign with another key from now on."""
        self._key_number += 1

    def lose(self, count: int) -> None:
        """Never send the next events, so many of them."""
        self._to_lose += count

    def shuffle(self, seed: int) -> None:
        """Put the events that are held back into another order."""
        random.Random(seed).shuffle(self.held)  # noqa: S311 - chance that can be had again

    def sign(self, body: bytes) -> str:
        """Return what the header videosdk-signature says of a body."""
        signature = _key(self._key_number).sign(body, padding.PKCS1v15(), SHA256())
        return base64.b64encode(signature).decode()

    def announce(self, meeting: Record, kind: str, data: Record) -> None:
        """Report an event of a meeting, if whoever created it asked for this kind."""
        webhook = meeting.get("webhook") or {"events": []}
        if any(fnmatchcase(kind, pattern) for pattern in webhook["events"]):
            self.send(webhook["endPoint"], kind, data)

    def send(self, url: str, kind: str, data: Record) -> None:
        """Send an event to an address, such as one that is about no room: resource-acquired."""
        if self._to_lose:
            self._to_lose -= 1
            return
        said = {self._oddities.webhook_field: kind, "data": data}
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        self.held += [Event(url, body)] * (2 if self.duplicate else 1)
        self._release()

    async def settled(self) -> None:
        """Wait until every event has been sent that is not held back."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        await self.settled()
        if self._session:
            await self._session.close()

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
        """Send an event, and return whether the answer was 2xx."""
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
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE))
        headers = {"Content-Type": _JSON, "videosdk-signature": signature}
        async with self._session.post(
            event.url, data=event.body, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, await answer.text(errors="replace")


@cache
def _key(_number: int) -> rsa.RSAPrivateKey:
    """Return one of the keys that all stand-ins of a process share: they take long to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
