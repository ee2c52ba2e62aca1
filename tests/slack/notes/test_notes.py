"""Notes from the button to the summary, over real HTTP on both sides."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.links import Conversation, NotesLink, SignedLinks
from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.slack.blockkit import with_ids
from bot.sandbox.slack.workspace import CHANNELS, ChannelMessage
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.slack.notes.reply import DELETE, reply
from bot.slack.notes.state import NotesState, Stage
from bot.workspace import Workspace
from tests.conftest import LiveSettings, until
from tests.slack.notes.taking import ANN, BEN, DIRECT, PRIVATE, NotesBot, notes_bot


@pytest.fixture
async def bot(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn
) -> AsyncIterator[NotesBot]:
    async with notes_bot(live_settings, videosdk_standin) as bot:
        yield bot


async def test_notes_write_themselves(bot: NotesBot) -> None:
    bot.videosdk.webhooks.paused = False
    card = await bot.held()

    assert "Notes are on" in await bot.take(card)
    assert bot.reply.thread == card.id
    assert f"<@{ANN}> turned on notes. This call is being transcribed." in bot.shown
    await bot.shows("Taking notes · ")
    bot.say("I'll write the minutes <@U1> https://evil.example.com")
    bot.videosdk.end(bot.room)

    await bot.shows("Action items")
    assert "I'll write the minutes" in bot.shown
    assert "Who was there: Ann (less than a minute), Ben (less than a minute)" in bot.shown
    assert "|Transcript>" in bot.shown
    assert [one["text"]["text"] for one in bot.blocks[-1]["elements"]] == ["Delete notes"]


async def test_nothing_starts_while_the_meeting_is_empty(bot: NotesBot) -> None:
    card = await bot.card()

    assert "Nobody's in this call yet" in await bot.take(card)

    assert (bot.replies, bot.is_transcribing) == ([], False)


async def test_a_person_who_has_just_joined_may_be_listed_late(bot: NotesBot) -> None:
    bot.videosdk.listing_lag = 0.2
    card = await bot.held()

    assert "Notes are on" in await bot.take(card)


@pytest.mark.parametrize("channel", [PRIVATE, DIRECT], ids=["private channel", "direct message"])
async def test_where_the_bot_cant_post_it_says_how_to_invite_it(
    bot: NotesBot, channel: str
) -> None:
    card = await bot.held(channel)

    assert "/invite" in await bot.take(card)
    assert (bot.replies, bot.is_transcribing) == ([], False)
    await bot.slack.command("/invite @Meet", channel=channel)

    assert "Notes are on" in await bot.take(card)
    assert bot.reply.channel == channel


async def test_a_missing_scope_is_named(bot: NotesBot) -> None:
    bot.slack.scopes = {"commands", "calls:write"}
    card = await bot.held()

    assert "`chat:write`" in await bot.take(card)
    assert not bot.is_transcribing


async def test_a_card_in_a_thread_has_its_notes_in_the_same_thread(bot: NotesBot) -> None:
    source = bot.slack.workspace.post(CHANNELS[0].id, "user", "Red again", user=ANN)
    card = (await bot.slack.shortcut("start_meeting_here", source)).messages[-1]
    bot.videosdk.join(bot.room, "Ann", "ann")

    await bot.take(card)

    assert {one.thread for one in bot.replies} == {source.id}
    assert len(bot.replies) == 2


async def test_a_second_click_says_that_notes_are_on(bot: NotesBot) -> None:
    card = await bot.held()
    await bot.take(card)

    assert "already being transcribed" in await bot.take(card, BEN)

    assert len(bot.replies) == 1


async def test_whoever_turned_notes_on_or_started_the_meeting_can_stop_and_delete_them(
    bot: NotesBot,
) -> None:
    card = await bot.held()
    await bot.take(card, BEN)
    await bot.shows("Taking notes")

    assert "stopped transcribing" in await bot.stop(ANN)
    await bot.shows("Delete notes")
    assert "deleted" in await bot.delete(BEN)

    assert (bot.replies, bot.is_transcribing) == ([], False)


async def test_other_people_cannot_stop_or_delete_notes(bot: NotesBot) -> None:
    card = await bot.held()
    await bot.take(card)
    await bot.shows("Taking notes")

    assert f"Only <@{ANN}> can stop these notes" in await bot.stop(BEN)
    assert bot.is_transcribing
    await bot.stop()
    await bot.shows("Delete notes")
    assert f"Only <@{ANN}> can delete these notes" in await bot.delete(BEN)
    assert len(bot.replies) == 1


async def test_deleted_notes_are_gone_and_stay_so(bot: NotesBot) -> None:
    bot.videosdk.summary_delay = 0.3
    card = await bot.held()
    await bot.take(card)
    await bot.shows("Taking notes")
    await bot.stop()
    await bot.shows("Delete notes")

    assert "VideoSDK still has its transcript" in await bot.delete()

    assert bot.replies == []
    await until(lambda: bot.videosdk.transcriptions.all[0].summarised)
    assert bot.replies == []


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (401, "VideoSDK rejected my key"),
        (402, "plan doesn't include transcription"),
        (403, "doesn't let my key transcribe"),
        (404, "doesn't offer transcription"),
    ],
)
async def test_a_rejected_start_is_explained_in_the_reply(
    bot: NotesBot, status: int, why: str
) -> None:
    bot.videosdk.refuses_transcription = status
    card = await bot.held()

    assert why in await bot.take(card)

    assert why in bot.shown
    assert "not being transcribed" in bot.shown


async def test_a_long_summary_is_cut_with_a_link_to_the_rest(bot: NotesBot) -> None:
    bot.videosdk.summary_says = "\n".join(f"- point {n} & more" for n in range(2000))
    card = await bot.held()
    await bot.take(card)
    await bot.shows("Taking notes")
    await bot.stop()

    await bot.shows("Read the whole summary")

    texts = [one["text"]["text"] for one in bot.blocks if one["type"] == "section"]
    assert max(map(len, texts)) <= 3000
    assert sum(map(len, texts)) > 8000


async def test_a_summary_at_a_foreign_address_is_neither_read_nor_linked(bot: NotesBot) -> None:
    foreign = {"txt": "https://files.example.com/summary.txt"}
    bot.videosdk.faults.always(
        Fault(change=lambda body: with_files(body, foreign)), path="GET /ai/v1/"
    )
    card = await bot.held()
    await bot.take(card)

    await bot.shows("at an address that I don't know")

    assert "files.example.com" not in bot.shown


def with_files(body: Any, files: dict[str, str]) -> Any:
    """Rewrite a listing so that every transcription has these files."""
    found = [one | {"summarizedFilePaths": files} for one in body.get("transcriptions", [])]
    return body | {"transcriptions": found}


async def test_a_forged_event_about_notes_is_rejected(bot: NotesBot) -> None:
    card = await bot.held()
    await bot.take(card)
    [event, *_] = [one for one in bot.videosdk.webhooks.held if "/notes/" in one.url]
    sign = bot.videosdk.webhooks.sign
    room_url = bot.videosdk.meetings[bot.room]["webhook"]["endPoint"]
    nowhere = b'{"webhookType": "resource-acquired", "data": {}}'

    async with aiohttp.ClientSession() as session:
        for url, body, signature, status in (
            (event.url, event.body, "", 401),
            (event.url[:-3], event.body, sign(event.body), 404),
            (event.url.replace("/notes", ""), event.body, sign(event.body), 404),
            (event.url, b"[]", sign(b"[]"), 400),
            (event.url, event.body, sign(event.body), 200),
            (room_url, nowhere, sign(nowhere), 200),
        ):
            headers = {"videosdk-signature": signature}
            async with session.post(url, data=body, headers=headers) as answer:
                assert answer.status == status


async def test_the_address_of_the_webhooks_fits_videosdks_limit() -> None:
    place = Conversation(Workspace("T012AB3CD4E", "E012AB3CD4E"), "C012AB3CD4E")
    link = NotesLink(place, "1795428000.000100", "abcd-efgh-ijkl", "U012AB3CD4E", "U112AB3CD4E")
    links = SignedLinks("https://" + "a" * 63 + ".example.com", b"k" * 32)

    url = links.notes_url(link)

    assert len(url) <= 512
    assert links.find_notes(f"{url}/") == link
    assert links.find_notes("https://example.com/hook") is None


async def test_a_summary_that_cant_be_read_is_linked(bot: NotesBot) -> None:
    bot.videosdk.faults.always(Fault(403, b"denied"), path="/files/")
    card = await bot.held()
    await bot.take(card)
    await bot.shows("Taking notes")
    await bot.stop()

    await bot.shows("I can't read the summary here")

    assert "Read the whole summary" in bot.shown


async def test_a_failed_transcription_is_reported(bot: NotesBot) -> None:
    card = await bot.held()
    await bot.take(card)
    bot.videosdk.transcriptions.fail(bot.room)

    assert "I've looked" in await bot.refresh()

    assert "the transcription failed at VideoSDK" in bot.shown


async def test_stop_works_if_videosdk_answers_with_a_sentence_and_loses_its_webhooks(
    bot: NotesBot,
) -> None:
    bot.videosdk.transcription_answers = "string"
    card = await bot.held()
    await bot.take(card)
    await bot.shows("Taking notes")

    assert "I've stopped transcribing" in await bot.stop()

    assert not bot.is_transcribing


async def test_stop_and_delete_say_that_notes_may_be_anothers(bot: NotesBot) -> None:
    bot.videosdk.faults.plan(Fault(reset=True), path="realtime-transcriptions/start")
    card = await bot.held()
    await bot.take(card)
    await bot.shows("Taking notes")

    assert "may be another reply's" in await bot.stop()
    stale = NotesState(Stage.MISSING)
    assert "may be another reply's" in await bot.press(written(bot, stale), DELETE)

    assert bot.is_transcribing


async def test_old_buttons_say_that_notes_are_off(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn
) -> None:
    async with notes_bot(live_settings, videosdk_standin) as bot:
        card = await bot.held()
        await bot.take(card)
    async with notes_bot(live_settings, videosdk_standin, NOTES=None) as bot:
        said = {
            await bot.take(card),
            *[await press() for press in (bot.stop, bot.refresh)],
            *[await bot.press(written(bot, NotesState(Stage.WRITING)), DELETE)],
        }

    assert said == {"Notes are turned off here. Whoever set me up can turn them on."}


def written(bot: NotesBot, state: NotesState) -> ChannelMessage:
    """Post a reply that shows a state."""
    link = NotesLink(Conversation(Workspace("T1"), "C1"), "100.0", bot.room, ANN, ANN)
    message = reply(link, state)
    return bot.slack.workspace.post(
        CHANNELS[0].id, "app", message["text"], blocks=with_ids(message["blocks"])
    )


async def test_if_the_runs_cant_be_read_notes_are_tried(bot: NotesBot) -> None:
    card = await bot.held()
    bot.videosdk.faults.plan(*[PRESETS["500"][1]] * 4, path="/v2/sessions")

    assert "Notes are on" in await bot.take(card)


@pytest.mark.parametrize(
    "change", [{"LIVE_CARDS": "off"}, {"VIDEOSDK_API_VERSION": "v1"}, {"NOTES": None}]
)
async def test_other_cards_offer_no_notes_and_cost_no_more(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn, change: dict[str, str | None]
) -> None:
    async with notes_bot(live_settings, videosdk_standin, **change) as bot:
        card = await bot.card()

    assert "Take notes" not in str(card.blocks)
    assert not any(one.path.startswith("/ai/") for one in bot.videosdk.requests)
