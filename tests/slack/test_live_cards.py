"""Live cards follow their rooms, from the first event until they are final."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import aiohttp
import pytest

from bot.participant_ids import CallRef
from bot.rooms.runs import as_runs
from bot.sandbox.faults import Fault
from bot.sandbox.slack.workspace import USERS
from bot.slack.live_cards import LiveCards
from tests.conftest import NOBODY, until
from tests.live import FAST, HOME, Rig, who
from tests.live import rig as open_rig

WRITE, READ = {"commands", "calls:write"}, {"commands", "calls:write", "calls:read"}

Change = Callable[[Rig], object]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """The two stand-ins, with clients of both; listings don't lag unless a test says so."""
    async with open_rig() as opened:
        opened.standin.listing_lag = 0
        yield opened


def slack(**oddities: object) -> Change:
    """Return a function that sets these options of the Slack stand-in."""
    return lambda rig: vars(rig.slack.oddities).update(oddities)


def videosdk(**oddities: object) -> Change:
    """Return a function that sets these options of the VideoSDK stand-in."""
    return lambda rig: vars(rig.standin).update(oddities)


def scopes(granted: set[str]) -> Change:
    """Return a function that grants the app these scopes."""
    return lambda rig: setattr(rig.slack, "scopes", granted)


def recorded(rig: Rig) -> None:
    """Start a recorder when the first person joins."""
    join = rig.standin.join

    def join_recorded(*args: str, ago: float = 0) -> str:
        person = join(*args, ago=ago)
        join(args[0], "recorder", "RECORDER-0a1b2c3d")
        return person

    vars(rig.standin)["join"] = join_recorded


HABITS: dict[str, Change] = {
    "as strict as by default": lambda rig: setattr(rig.standin, "listing_lag", 0.2),
    "calls:write alone": scopes(WRITE),
    "calls:read, too": scopes(READ),
    **{f"bare update: {it}": slack(bare_update=it) for it in ("missing_argument", "no_error")},
    **{f"repeated call: {it}": slack(repeated_call=it) for it in ("same", "ended", "new")},
    **{f"bad users: {it}": slack(bad_users=it) for it in ("skips", "error")},
    "end of an ended call: ok false": slack(inactive_end="ok_false"),
    "listings lag for a second": videosdk(listing_lag=1.0),
    "webhooks are updated": videosdk(updates_webhook=True),
    "webhooks are not echoed": videosdk(echoes_webhook=False),
    "end answers a string": videosdk(end_answers="string"),
    "the key is SPKI": videosdk(key_form="spki"),
    "webhooks have a type": videosdk(webhook_field="type"),
    "sessions linger": videosdk(lingers=0.1),
    "participants are bare": videosdk(participant_bytes=0),
    "participants are large": videosdk(participant_bytes=3000),
    "a recorder is inside": recorded,
}


@pytest.mark.parametrize("habit", HABITS.values(), ids=HABITS)
async def test_the_story_of_a_meeting_with_every_behaviour_of_slack_and_videosdk(
    habit: Change, rig: Rig
) -> None:
    habit(rig)
    cards = rig.cards()
    meeting_id = await rig.add_room(await rig.serve_webhooks(cards))
    call = await rig.announce(cards, meeting_id)
    assert call is not None
    rig.standin.webhooks.paused = False

    rig.standin.join(meeting_id, "Ann", who(call, "Ann"), ago=300)
    rig.standin.join(meeting_id, "Ben", who(call, "Ben"), ago=300)
    await until(lambda: rig.names(call) == ["Ann", "Ben"])
    rig.standin.leave(meeting_id, who(call, "Ann"))
    await until(lambda: rig.names(call) == ["Ben"])
    rig.standin.leave(meeting_id, who(call, "Ben"))
    await until(lambda: rig.has_ended(call))

    assert 300 <= (rig.call(call).duration or 0) < 320
    assert rig.names(call) == []
    await rig.standin.webhooks.settled()
    assert {delivery.status for delivery in rig.standin.webhooks.deliveries} == {200}
    again = await cards.announce(
        meeting_id,
        as_runs(await rig.videosdk.sessions(meeting_id)),
        workspace=HOME,
        title="standup",
        user_id=USERS[0].id,
        make_url=lambda _: NOBODY,
    )
    assert again not in (None, call)


@pytest.mark.parametrize("lag", [0, 0.1])
async def test_a_later_look_makes_up_for_a_lost_last_webhook(lag: float, rig: Rig) -> None:
    rig.standin.listing_lag = lag
    cards, call, meeting_id = rig.cards(), rig.add_call(), await rig.add_room()
    for name in ("Ann", "Ben"):
        rig.standin.join(meeting_id, name, who(call, name))
    cards.follow(meeting_id)
    await until(lambda: rig.names(call) == ["Ann", "Ben"])
    await asyncio.sleep(FAST.linger)  # no webhook follows

    rig.standin.end(meeting_id)

    await until(lambda: rig.has_ended(call))
    await until(lambda: not cards._followers)


async def test_a_failure_of_videosdk_is_waited_out(rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    rig.standin.faults.plan(*[Fault(status=500)] * 6, path="/v2/sessions")
    rig.standin.join(meeting_id, "Ann", who(call, "Ann"))

    rig.cards().follow(meeting_id)

    await until(lambda: rig.names(call) == ["Ann"])


async def test_a_card_recovers_from_an_outage_of_slack_by_the_second_look(
    rig: Rig,
) -> None:
    cards, call, meeting_id = rig.cards(), rig.add_call(), await rig.add_room()
    for name in ("Ann", "Ben"):
        rig.standin.join(meeting_id, name, who(call, name))
    cards.follow(meeting_id)
    await until(lambda: rig.names(call) == ["Ann", "Ben"])
    rig.slack.faults.always(Fault(500), path="calls.")
    rig.standin.end(meeting_id)
    cards.follow(meeting_id)
    failing = rig.methods()["calls.end"]
    await until(lambda: rig.methods()["calls.end"] > failing + 10)  # as many minutes
    assert not rig.has_ended(call)

    rig.slack.faults.forget()
    looks = rig.looks()
    await until(lambda: rig.has_ended(call))

    assert rig.looks() <= looks + 2


async def test_a_microphone_test_ends_its_card_when_that_is_ten_minutes_old(rig: Rig) -> None:
    ahead = 0.0
    call, meeting_id = rig.add_call(), await rig.add_room()
    cards = rig.cards(clock=lambda: time.time() + ahead)
    rig.standin.join(meeting_id, "Ann", who(call, "Ann"), ago=100)
    cards.follow(meeting_id)
    await until(lambda: rig.names(call) == ["Ann"])
    rig.standin.leave(meeting_id, who(call, "Ann"))
    await until(lambda: rig.names(call) == [])
    looks = rig.looks()
    await until(lambda: rig.looks() > looks + 10)  # beyond FAST.linger
    assert not rig.has_ended(call)

    ahead = 600

    await until(lambda: rig.has_ended(call))
    await until(lambda: not cards._followers)


async def test_two_people_for_a_moment_are_not_a_microphone_test(rig: Rig) -> None:
    cards, call, meeting_id = rig.cards(), rig.add_call(), await rig.add_room()
    for name in ("Ann", "Ben"):
        rig.standin.join(meeting_id, name, who(call, name))
    rig.standin.end(meeting_id)

    cards.follow(meeting_id)

    await until(lambda: rig.has_ended(call))


async def test_starts_share_a_call_until_somebody_has_joined(rig: Rig) -> None:
    cards, meeting_id = rig.cards(), await rig.add_room()

    one, other = await asyncio.gather(*(rig.announce(cards, meeting_id) for _ in range(2)))

    assert one == other
    assert rig.methods()["calls.add"] == 1


async def test_a_new_card_of_the_current_run_reuses_its_call(rig: Rig) -> None:
    meeting_id = await rig.add_room()
    call = await rig.announce(rig.cards(), meeting_id)
    assert call is not None
    rig.standin.join(meeting_id, "Ann", who(call, "Ann"))

    runs = as_runs(await rig.videosdk.sessions(meeting_id))
    again = await rig.cards().active_call(meeting_id, runs)  # another process

    assert again == call


async def test_cards_of_two_processes_both_show_everyone_and_end(rig: Rig) -> None:
    one, other = rig.cards(), rig.cards()
    meeting_id = await rig.add_room(await rig.serve_webhooks(one))  # no webhook reaches the other
    calls = [await rig.announce(cards, meeting_id) for cards in (one, other)]
    first, second = [call for call in calls if call]
    assert first != second
    rig.standin.webhooks.paused = False

    rig.standin.join(meeting_id, "Ann", who(first, "Ann"))
    rig.standin.join(meeting_id, "Ben", who(first, "Ben"))
    await until(lambda: rig.names(first) == rig.names(second) == ["Ann", "Ben"])

    rig.standin.end(meeting_id)
    await until(lambda: rig.has_ended(first) and rig.has_ended(second))


async def test_a_person_with_an_old_token_is_on_the_newest_card(rig: Rig) -> None:
    cards, old, meeting_id = rig.cards(), rig.add_call(), await rig.add_room()
    rig.slack.workspace.calls.end(old.call_id)
    newest = await rig.announce(cards, meeting_id)
    assert newest is not None

    rig.standin.join(meeting_id, "Ann", who(old, "Ann"))
    cards.follow(meeting_id)

    await until(lambda: rig.names(newest) == ["Ann"])


@pytest.mark.parametrize("method", ["calls.add", "calls.update"])
async def test_a_call_that_slack_rejects_makes_a_plain_card(method: str, rig: Rig) -> None:
    cards, meeting_id = rig.cards(), await rig.add_room()
    rig.slack.faults.always(Fault(200, b'{"ok": false, "error": "not_allowed"}'), path=method)

    assert await rig.announce(cards, meeting_id) is None
    assert not cards._followers


async def test_a_room_whose_runs_are_unknown_gets_a_plain_card(rig: Rig) -> None:
    call = await rig.cards().announce(
        "r", None, workspace=HOME, title="", user_id="U1", make_url=lambda _: NOBODY
    )

    assert call is None
    assert rig.slack.api_calls == []


async def test_a_new_card_starts_following_its_room_if_that_was_used_before(rig: Rig) -> None:
    cards, old, meeting_id = rig.cards(), rig.add_call(), await rig.add_room()
    for name in ("Ann", "Ben"):
        rig.standin.join(meeting_id, name, who(old, name))
    rig.standin.end(meeting_id)
    runs = as_runs(await rig.videosdk.sessions(meeting_id))
    rig.slack.faults.always(Fault(500), path="calls.add")

    call = await cards.announce(
        meeting_id,
        runs,
        workspace=HOME,
        title="standup",
        user_id=USERS[0].id,
        make_url=lambda _: NOBODY,
    )

    assert call is None
    await until(lambda: rig.has_ended(old))


async def test_closing_a_meeting_that_nobody_joined_ends_its_card_though_slack_fails_first(
    rig: Rig,
) -> None:
    cards, meeting_id = rig.cards(), await rig.add_room()
    call = await rig.announce(cards, meeting_id)
    assert call is not None
    rig.slack.faults.plan(Fault(500), path="calls.end")

    await cards.close(meeting_id, replace(call, made_at=0))  # as a card's menu has it

    assert await rig.announce(cards, meeting_id) not in (None, call)
    await until(lambda: rig.has_ended(call))
    assert rig.call(call).duration == 0


async def test_closing_a_meeting_ends_its_card_though_its_webhooks_are_lost(rig: Rig) -> None:
    rig.standin.listing_lag = 0.1
    cards, call, meeting_id = rig.cards(), rig.add_call(), await rig.add_room()
    rig.standin.join(meeting_id, "Ann", who(call, "Ann"), ago=60)
    rig.standin.end(meeting_id)

    await cards.close(meeting_id, call)

    await until(lambda: rig.has_ended(call))
    assert rig.call(call).duration == 60


async def test_a_call_that_was_not_posted_is_ended_and_not_used_again(rig: Rig) -> None:
    cards, meeting_id = rig.cards(), await rig.add_room()
    call = await rig.announce(cards, meeting_id)
    assert call is not None

    await cards.discard(meeting_id, call)

    assert rig.has_ended(call)
    assert await rig.announce(cards, meeting_id) not in (None, call)


async def test_a_call_that_was_not_posted_stays_if_another_card_has_it(rig: Rig) -> None:
    cards, meeting_id = rig.cards(), await rig.add_room()
    call = await rig.announce(cards, meeting_id)
    assert call is not None
    await rig.announce(cards, meeting_id)

    await cards.discard(meeting_id, call)

    assert not rig.has_ended(call)


async def test_discarding_an_older_call_leaves_the_newest_alone(rig: Rig) -> None:
    cards, old, meeting_id = rig.cards(), rig.add_call(), await rig.add_room()
    newest = await rig.announce(cards, meeting_id)
    rig.slack.faults.always(Fault(500), path="calls.end")

    await cards.discard(meeting_id, old)

    assert await rig.announce(cards, meeting_id) == newest


async def test_a_start_ends_what_was_missed_and_leaves_old_sessions_alone(rig: Rig) -> None:
    """Only the participants' IDs say which cards there are."""
    missed, running, old = (rig.add_call(age=3900) for _ in range(3))
    rooms = [await rig.add_room(name=name) for name in ("missed", "running", "old", "phone")]
    for room, call in zip(rooms, (missed, running, old), strict=False):
        for name in ("Ann", "Ben"):
            rig.standin.join(room, name, who(call, name), ago=3800)
    rig.standin.join(rooms[3], "Dana by phone")  # on no card
    rig.standin.end(rooms[0])
    rig.standin.end(rooms[2])
    [session] = [one for one in rig.standin._sessions.records if one["meetingId"] == rooms[2]]
    session["end"] = session["start"]
    cards = rig.cards()

    await cards.sweep()

    await until(lambda: rig.has_ended(missed) and rig.names(running) == ["Ann", "Ben"])
    assert not rig.has_ended(old)
    await until(lambda: list(cards._followers) == [rooms[1]])
    rig.standin.end(rooms[1])  # it is followed, though no webhook comes
    await until(lambda: rig.has_ended(running))


async def test_a_start_tries_again_until_the_sessions_can_be_read(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    rig.standin.join(meeting_id, "Ann", who(call, "Ann"))
    rig.standin.faults.plan(*[Fault(status=500)] * 4, path="/v2/sessions")

    await rig.cards().sweep()

    await until(lambda: rig.names(call) == ["Ann"])
    assert caplog.messages.count("sessions not checked") == 2


async def test_a_start_looks_again_for_what_was_not_listed_yet(rig: Rig) -> None:
    rig.standin.listing_lag = 0.1
    call, meeting_id = rig.add_call(), await rig.add_room()
    rig.standin.join(meeting_id, "Ann", who(call, "Ann"))

    await rig.cards().sweep()

    await until(lambda: rig.names(call) == ["Ann"])


async def test_a_start_survives_more_than_it_can_read_at_once(rig: Rig) -> None:
    rig.standin.participant_bytes = 3000
    calls = [rig.add_call() for _ in range(3)]
    for number, call in enumerate(calls):
        meeting_id = await rig.add_room(name=f"room-{number}")
        for person in range(300):
            rig.standin.join(meeting_id, f"Person {person}", who(call, f"p{person}"))
        rig.standin.end(meeting_id)

    await rig.cards().sweep()

    await until(lambda: all(map(rig.has_ended, calls)))


async def test_stopping_waits_only_for_the_looks_that_are_due(rig: Rig) -> None:
    cards, call = rig.cards(pace=replace(FAST, longest=60)), rig.add_call()
    meeting_id, other = await rig.add_room(), await rig.add_room(name="other")
    rig.standin.join(meeting_id, "Ann", who(call, "Ann"))
    cards.follow(meeting_id)
    cards.follow(other, linger=60)
    await until(lambda: rig.names(call) == ["Ann"])
    await asyncio.sleep(0.1)
    rig.standin.join(meeting_id, "Ben", who(call, "Ben"))
    cards.follow(meeting_id)
    began = time.monotonic()

    await cards.drain(5)

    assert time.monotonic() - began < 1
    assert rig.names(call) == ["Ann", "Ben"]
    # One look, for a webhook that comes after that.
    assert await cards.follow(meeting_id, HOME).catch_up()
    await cards.drain(5)
    assert not cards._followers


async def test_a_look_that_takes_too_long_is_cancelled_when_the_bot_stops(rig: Rig) -> None:
    cards, meeting_id = rig.cards(), await rig.add_room()
    rig.standin.faults.always(Fault(delay=5), path="/v2/sessions")
    waiting = asyncio.create_task(cards.follow(meeting_id, HOME).catch_up())
    await until(lambda: rig.looks() > 0)

    await cards.drain(0.05)

    assert not cards._followers
    assert not await waiting


async def test_ended_cards_and_running_cards_survive_people_who_come_back(rig: Rig) -> None:
    cards, call, meeting_id = rig.cards(), rig.add_call(), await rig.add_room()
    for name in ("Ann", "Ben"):
        rig.standin.join(meeting_id, name, who(call, name))
    rig.standin.end(meeting_id)
    cards.follow(meeting_id)
    await until(lambda: rig.has_ended(call))

    rig.standin.join(meeting_id, "Ann", who(call, "Ann"))
    assert await cards.follow(meeting_id, HOME).catch_up()

    assert rig.has_ended(call)
    assert rig.names(call) == []


async def status(url: str, body: bytes, signature: str) -> int:
    """Post a webhook, and return the response's status."""
    headers = {"videosdk-signature": signature}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=headers) as answer,
    ):
        return answer.status


def event(meeting_id: str | None) -> bytes:
    """Return a webhook's body."""
    about = f'"meetingId": "{meeting_id}"' if meeting_id else '"id": "r1"'
    return f'{{"webhookType": "session-ended", "data": {{{about}}}}}'.encode()


@pytest.fixture
async def taken(rig: Rig) -> "Taken":
    """Live cards with a webhook endpoint, a card, its room with two people, and the URL."""
    cards, call = rig.cards(pace=replace(FAST, webhook_timeout=0.2)), rig.add_call()
    url = await rig.serve_webhooks(cards)
    meeting_id = await rig.add_room(url)
    for name in ("Ann", "Ben"):
        rig.standin.join(meeting_id, name, who(call, name))
    return cards, call, meeting_id, url


Taken = tuple[LiveCards, CallRef, str, str]


async def test_a_webhook_is_accepted_once_the_card_matches(rig: Rig, taken: Taken) -> None:
    _, call, meeting_id, url = taken
    body = event(meeting_id)

    assert await status(url, body, rig.standin.webhooks.sign(body)) == 200
    assert rig.names(call) == ["Ann", "Ben"]

    rig.slack.faults.always(Fault(500), path="calls.")
    rig.standin.end(meeting_id)
    assert await status(url, body, rig.standin.webhooks.sign(body)) == 503

    rig.slack.faults.forget()
    assert await status(url, body, rig.standin.webhooks.sign(body)) == 200
    assert rig.has_ended(call)


async def test_a_webhook_about_no_room_is_accepted_without_a_look(rig: Rig, taken: Taken) -> None:
    body, looks = event(None), rig.looks()

    assert await status(taken[3], body, rig.standin.webhooks.sign(body)) == 200
    assert rig.looks() == looks


@pytest.mark.parametrize("has_key", [True, False])
async def test_a_wrong_signature_never_has_an_effect(
    has_key: bool,  # noqa: FBT001 - a parameter of the test
    rig: Rig,
    taken: Taken,
) -> None:
    cards, _, meeting_id, url = taken
    if not has_key:
        rig.standin.faults.always(Fault(500), path="/v2/public/")
    body = event(meeting_id)
    wrong = rig.standin.webhooks.sign(body + b" ")

    statuses = [await status(url, body, signature) for signature in (wrong, "", "AAAA")]

    assert set(statuses) == ({401} if has_key else {503})
    assert not cards._followers


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda url: (url[:-2], event("room")), 404),
        (lambda url: (url, b"[]"), 400),
    ],
)
async def test_webhooks_that_are_not_ours_are_rejected(
    change: Callable[[str], tuple[str, bytes]], expected: int, rig: Rig, taken: Taken
) -> None:
    url, body = change(taken[3])

    assert await status(url, body, rig.standin.webhooks.sign(body)) == expected
    assert not taken[0]._followers


async def test_webhooks_that_come_at_once_share_one_fetch_of_the_key_and_one_look(
    rig: Rig, taken: Taken
) -> None:
    _, call, meeting_id, url = taken
    body = event(meeting_id)
    rig.standin.faults.plan(Fault(delay=0.05), path="/v2/public/")
    signature = rig.standin.webhooks.sign(body)

    statuses = await asyncio.gather(*(status(url, body, signature) for _ in range(30)))

    assert set(statuses) == {200}
    fetched = [one.path for one in rig.standin.requests if "public" in one.path]
    assert len(fetched) == 1
    assert rig.looks() < 10
    assert rig.names(call) == ["Ann", "Ben"]


async def test_a_permanent_failure_is_logged_once(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot.slack.followers")
    cards, meeting_id = rig.cards(), await rig.add_room()
    rig.standin.faults.always(Fault(status=500), path="/v2/sessions")
    cards.follow(meeting_id)
    await until(lambda: rig.looks() > 8)

    assert caplog.messages.count("live cards out of date") == 1
