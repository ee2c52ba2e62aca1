"""Nobody starts more meetings a minute than the operator allows."""

from collections.abc import AsyncIterator

import pytest

from bot.app import open_bot
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings
from bot.slack import limits
from bot.slack.limits import Limit, LimitedError, MeetingLimits
from bot.slack.listeners.shortcuts import HERE
from tests.clock import Clock
from tests.conftest import LiveSettings, environment, free_port


@pytest.fixture
def clock() -> Clock:
    return Clock(1000.0)


def refusal(limited: MeetingLimits, user: str = "U1", team: str = "T1") -> str:
    """Return the sentence that rejects a start; "" if it is admitted."""
    try:
        limited.admit(team, user)
    except LimitedError as error:
        return str(error)
    return ""


def test_a_limit_can_span_an_hour(clock: Clock) -> None:
    limit = Limit("You've", 1, clock, lambda who, most, wait: f"{who} {most} {wait}", 3600)
    limit.count("U1")
    clock.now += 3599

    with pytest.raises(LimitedError, match=r"You've 1 1\.0"):
        limit.check("U1")
    clock.now += 1
    limit.check("U1")


def test_no_minute_has_more_starts_than_allowed(clock: Clock) -> None:
    limited = MeetingLimits(2, None, clock)
    admitted = []
    for clock.now in range(1000, 1300, 7):
        if not refusal(limited):
            admitted.append(clock.now)

    assert len(admitted) == 10
    assert all(third - first >= 60 for first, third in zip(admitted, admitted[2:], strict=False))


def test_a_refusal_says_what_happened_and_when_to_try_again(clock: Clock) -> None:
    limited = MeetingLimits(2, 3, clock)
    assert [refusal(limited), refusal(limited)] == ["", ""]
    clock.now += 48

    assert refusal(limited) == (
        "You've started 2 meetings in the last minute, the most I allow. Please try again "
        "in 12 seconds."
    )
    assert refusal(limited, "U2") == ""
    assert refusal(limited, "U3").startswith("This workspace has started 3 meetings in")


def test_a_rejected_start_does_not_count(clock: Clock) -> None:
    limited = MeetingLimits(1, 1, clock)
    limited.admit("T1", "U1")
    assert refusal(limited, "U2").startswith("This workspace has started 1 meeting in")
    assert refusal(limited, "U1").startswith("You've started 1 meeting in")

    clock.now += 60

    assert refusal(limited, "U2") == ""


def test_workspaces_and_their_people_do_not_limit_each_other(clock: Clock) -> None:
    limited = MeetingLimits(1, 1, clock)

    assert [refusal(limited, team=team) for team in ("T1", "T2", "T3")] == ["", "", ""]


def test_without_a_limit_nothing_is_remembered(clock: Clock) -> None:
    limited = MeetingLimits(None, None, clock)

    assert not any(refusal(limited) for _ in range(1000))
    assert limited._limits == []


def test_memory_is_bounded_and_the_longest_idle_are_forgotten(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_KEYS", 2)
    limited = MeetingLimits(1, None, clock)
    for user in ("U1", "U2", "U3"):
        limited.admit("T1", user)

    assert [bool(refusal(limited, user)) for user in ("U3", "U2", "U1")] == [True, True, False]


@pytest.fixture
async def limited_slack(
    slack_standin: SlackStandIn, videosdk_url: str
) -> AsyncIterator[SlackStandIn]:
    """A running Slack with a bot behind it that lets each person start one meeting a minute."""
    settings = Settings.from_env(
        environment(
            SLACK_API_URL=f"{slack_standin.url}/api",
            VIDEOSDK_API_ENDPOINT=videosdk_url,
            MEETINGS_PER_USER="1",
        )
    )
    async with open_bot(settings) as bot:
        slack_standin.events_url = f"http://127.0.0.1:{bot.port}/slack/events"
        yield slack_standin


async def test_every_way_to_start_a_meeting_is_limited_and_no_other_command(
    limited_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    source = limited_slack.workspace.post(CHANNELS[0].id, "user", "Red again", user=USERS[0].id)
    lines = ["/meet help", "/meet standup xx001", "/meet standup", "/meet retro", "/meet-check x"]
    said = [(await limited_slack.command(line)).messages[-1].text for line in lines]
    here = (await limited_slack.shortcut(HERE, source)).messages[-1]
    other = await limited_slack.command("/meet plan", user=USERS[1].id)

    refused = ["in the last minute" in text for text in (*said, here.text)]
    assert refused == [False, False, False, True, False, True]
    assert here.visible_to == USERS[0].id
    assert "started a meeting" in other.messages[-1].text
    assert len(videosdk_standin.meetings) == 2


async def test_checks_are_limited_too_and_counted_separately(
    limited_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    async def say(line: str, user: str = USERS[0].id) -> str:
        return (await limited_slack.command(line, user=user)).messages[-1].text

    started = await say("/meet standup")
    [meeting_id] = videosdk_standin.meetings
    free = [await say("/meet-check help"), await say("/meet-check two words")]
    checked, refused = [await say(f"/meet-check {meeting_id}") for _ in range(2)]
    other = await say(f"/meet-check {meeting_id}", USERS[1].id)

    assert "started a meeting" in started
    assert not any("in the last minute" in text for text in (*free, checked, other))
    assert refused.startswith(
        "You've checked 1 meeting ID in the last minute, the most I allow. Please try again in "
    )


async def test_a_check_by_name_is_limited_like_one_by_id(live_settings: LiveSettings) -> None:
    settings = live_settings.environment(free_port(), MEETINGS_PER_USER="1")
    slack = live_settings.slack
    async with open_bot(Settings.from_env(settings)) as bot:
        slack.events_url = f"http://127.0.0.1:{bot.port}/slack/events"
        await slack.command("/meet standup")

        said = [await slack.command("/meet-check standup") for _ in range(2)]

    assert ["in the last minute" in one.messages[-1].text for one in said] == [False, True]


def test_a_limit_on_several_checks_gives_their_number(clock: Clock) -> None:
    limited = MeetingLimits(2, 2, clock).checks
    for _ in range(2):
        limited.admit("T1", "U1")

    with pytest.raises(LimitedError, match="You've checked 2 meeting IDs in the last minute"):
        limited.admit("T1", "U1")
    with pytest.raises(LimitedError, match="This workspace has checked 2 meeting IDs"):
        limited.admit("T1", "U2")
