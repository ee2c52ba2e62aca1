"""Webhooks are signed, sent to whoever asked for them, and can be held back or lost."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from bot.sandbox.journal import Journal
from bot.sandbox.videosdk.oddities import Oddities
from bot.sandbox.videosdk.webhooks import WebhookSender
from tests.conftest import NOBODY, serving

DATA = {"meetingId": "87i6-bvw8-dtn1", "participantName": "Zoë"}


class Receiver:
    """Receives events; while `release` is cleared, its responses wait.

    Attributes:
        statuses: the statuses of the next responses; later ones are 202.
    """

    def __init__(self) -> None:
        self.url = ""
        self.received: list[tuple[str, bytes]] = []
        self.arrived = asyncio.Event()
        self.release = asyncio.Event()
        self.release.set()
        self.app = web.Application()
        self.statuses: list[int] = []
        self.app.router.add_post("/videosdk/{address}", self._take)

    async def _take(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/json"
        self.received.append((request.headers["videosdk-signature"], await request.read()))
        self.arrived.set()
        await self.release.wait()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 202, text="Thanks")

    def meeting(self, *events: str) -> dict[str, Any]:
        """Return a room whose webhooks go to this receiver."""
        return {"webhook": {"endPoint": f"{self.url}/videosdk/x", "events": list(events)}}

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["webhookType"] for _, body in self.received]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with serving(receiver.app) as receiver.url:
        yield receiver
        receiver.release.set()


@pytest.fixture
async def webhooks() -> AsyncIterator[WebhookSender]:
    webhooks = WebhookSender()
    yield webhooks
    await webhooks.close()


def is_signed(webhooks: WebhookSender, signature: str, body: bytes) -> bool:
    key = load_pem_public_key(webhooks.public_key.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        key.verify(base64.b64decode(signature), body, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


async def test_an_event_is_signed_over_its_exact_bytes(
    webhooks: WebhookSender, receiver: Receiver
) -> None:
    webhooks.announce(receiver.meeting("*"), "participant-joined", DATA)
    await webhooks.settled()

    [(signature, body)] = receiver.received
    assert json.loads(body) == {"webhookType": "participant-joined", "data": DATA}
    assert "Zoë".encode() in body
    assert is_signed(webhooks, signature, body)
    assert not is_signed(webhooks, signature, body + b" ")
    assert webhooks.deliveries == [(f"{receiver.url}/videosdk/x", body, signature, 202)]


@pytest.mark.parametrize(
    ("form", "start"),
    [("pkcs1", "\n-----BEGIN RSA PUBLIC KEY"), ("spki", "-----BEGIN PUBLIC KEY")],
)
async def test_both_forms_of_the_key_verify_the_same_signatures(
    form: Literal["pkcs1", "spki"], start: str
) -> None:
    webhooks = WebhookSender(oddities=Oddities(key_form=form))

    assert webhooks.public_key.startswith(start)
    assert is_signed(webhooks, webhooks.sign(b"{}"), b"{}")


async def test_the_kind_can_be_in_the_other_field(receiver: Receiver) -> None:
    webhooks = WebhookSender(oddities=Oddities(webhook_field="type"))
    webhooks.announce(receiver.meeting("*"), "participant-joined", DATA)
    await webhooks.settled()
    await webhooks.close()

    [(_, body)] = receiver.received
    assert json.loads(body) == {"type": "participant-joined", "data": DATA}


async def test_an_event_can_be_about_no_room(webhooks: WebhookSender, receiver: Receiver) -> None:
    data = {"id": "61d53d8c964704379e7d927a", "type": "recording"}
    webhooks.send(f"{receiver.url}/videosdk/x", "resource-acquired", data)
    await webhooks.settled()

    [(_, body)] = receiver.received
    assert json.loads(body) == {"webhookType": "resource-acquired", "data": data}


@pytest.mark.parametrize(
    ("retries", "statuses", "tries"), [(0, [503], 1), (2, [503], 2), (1, [503, 503, 503], 2)]
)
async def test_a_failed_event_is_retried_as_often_as_set(
    retries: int, statuses: list[int], tries: int, receiver: Receiver
) -> None:
    webhooks = WebhookSender(oddities=Oddities(retries=retries))
    receiver.statuses = [*statuses]
    webhooks.announce(receiver.meeting("*"), "session-started", DATA)
    await webhooks.settled()
    await webhooks.close()

    sent = [delivery.status for delivery in webhooks.deliveries]
    assert sent == [*statuses, 202][:tries]
    assert len(set(receiver.received)) == 1


async def test_a_new_key_signs_after_a_rotation(webhooks: WebhookSender) -> None:
    old, signature = webhooks.public_key, webhooks.sign(b"{}")
    webhooks.rotate_key()

    assert webhooks.public_key != old
    assert not is_signed(webhooks, signature, b"{}")
    assert is_signed(webhooks, webhooks.sign(b"{}"), b"{}")


async def test_only_the_requested_kinds_are_sent(
    webhooks: WebhookSender, receiver: Receiver
) -> None:
    webhooks.in_order = True
    for patterns in (["session*"], ["participant-left", "hls-*"], []):
        for kind in ("session-started", "participant-joined", "participant-left"):
            webhooks.announce(receiver.meeting(*patterns), kind, DATA)
    webhooks.announce({"meetingId": "87i6-bvw8-dtn1"}, "session-started", DATA)
    await webhooks.settled()

    assert receiver.types == ["session-started", "participant-left"]


async def test_events_can_be_held_back_shuffled_and_edited(
    webhooks: WebhookSender, receiver: Receiver
) -> None:
    webhooks.paused = webhooks.in_order = True
    for number in range(6):
        webhooks.announce(receiver.meeting("*"), f"event-{number}", DATA)
    await webhooks.settled()
    assert (webhooks.paused, receiver.received, len(webhooks.held)) == (True, [], 6)

    webhooks.shuffle(7)
    order = [json.loads(event.body)["webhookType"] for event in webhooks.held[1:]]
    del webhooks.held[0]
    webhooks.paused = False
    await webhooks.settled()
    assert order != sorted(order)
    assert receiver.types == order


async def test_events_can_be_dropped_and_duplicated(
    webhooks: WebhookSender, receiver: Receiver
) -> None:
    webhooks.in_order = True
    webhooks.lose(1)
    webhooks.duplicate = True
    for kind in ("session-started", "participant-joined"):
        webhooks.announce(receiver.meeting("*"), kind, DATA)
    await webhooks.settled()

    assert receiver.types == ["participant-joined"] * 2
    assert receiver.received[0] == receiver.received[1]


async def test_the_journal_has_the_event_and_the_missing_answer(
    receiver: Receiver,
) -> None:
    journal = Journal()
    webhooks = WebhookSender(journal)
    webhooks.in_order = True
    webhooks.announce(receiver.meeting("*"), "session-started", DATA)
    receiver.url = NOBODY
    webhooks.announce(receiver.meeting("*"), "session-ended", DATA)
    await webhooks.settled()
    await webhooks.close()

    good, bad = journal.exchanges
    assert (good.source, good.target, good.path) == ("VideoSDK", "bot", "/videosdk/x")
    assert '"webhookType": "session-started"' in good.request
    assert (good.status, good.response) == (202, "Thanks")
    assert (bad.status, bad.response) == (None, "")
    assert webhooks.deliveries[-1].status is None


async def test_deliveries_run_concurrently_and_end_with_the_server(receiver: Receiver) -> None:
    webhooks = WebhookSender()
    receiver.release.clear()
    for kind in ("session-started", "participant-joined"):
        webhooks.announce(receiver.meeting("*"), kind, DATA)
    async with asyncio.timeout(1):
        while len(receiver.received) < 2:
            receiver.arrived.clear()
            await receiver.arrived.wait()
    await webhooks.close()

    assert webhooks.deliveries == []
    await WebhookSender().close()
