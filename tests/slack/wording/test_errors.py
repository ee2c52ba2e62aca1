"""Every error has a sentence: what happened, what it means, what to do next."""

import re
from collections.abc import Iterator

import pytest

from bot import videosdk
from bot.slack.wording.errors import (
    BUSY,
    CHECKING,
    CLOSING,
    ENDING,
    RESTARTING,
    SHARING,
    STARTING,
    Purpose,
    TookTooLongError,
    UsageError,
    explain,
    too_many,
)
from bot.videosdk import (
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKBusyError,
    VideoSDKError,
    VideoSDKForbiddenError,
    VideoSDKInterruptedError,
    VideoSDKPaymentRequiredError,
    VideoSDKRateLimitedError,
    VideoSDKRefusedError,
    VideoSDKTimeoutError,
    VideoSDKUnauthorizedError,
    VideoSDKUnreachableError,
)

REF = "(Reference: `0a1b2c3d`)"
NOT_CREATED = "so no meeting was created."
UNSURE = "so I can't tell whether the meeting was created."
AGAIN = "Please try again in a minute."
ASK = "Please ask whoever set me up to"
LOOK_UP = "look up the reference in my log."


def said(error: Exception, purpose: Purpose = STARTING) -> str:
    return explain(error, purpose, "0a1b2c3d")


@pytest.mark.parametrize(
    ("error", "cause", "meaning", "advice"),
    [
        (VideoSDKUnreachableError("x"), "I couldn't reach VideoSDK", NOT_CREATED, AGAIN),
        (VideoSDKBusyError("x"), "I'm very busy right now", NOT_CREATED, AGAIN),
        (TookTooLongError(), "That took too long", UNSURE, AGAIN),
        (VideoSDKInterruptedError("x"), "The connection to VideoSDK broke", UNSURE, AGAIN),
        (VideoSDKTimeoutError("x"), "VideoSDK didn't answer in time", UNSURE, AGAIN),
        (VideoSDKBrokenError("x", status=500), "Something went wrong at VideoSDK", UNSURE, AGAIN),
        (VideoSDKBadReplyError("x"), "VideoSDK sent an answer that I can't read", UNSURE, AGAIN),
        (
            VideoSDKUnauthorizedError("x", status=401),
            "VideoSDK rejected my key",
            NOT_CREATED,
            f"{ASK} check `VIDEOSDK_API_KEY`, `VIDEOSDK_SECRET_KEY` and the server's clock.",
        ),
        (
            VideoSDKPaymentRequiredError("x", status=402),
            "My VideoSDK account needs a payment or a different plan",
            NOT_CREATED,
            f"{ASK} look at the VideoSDK dashboard.",
        ),
        (
            VideoSDKForbiddenError("x", status=403),
            "VideoSDK doesn't let my key do that",
            NOT_CREATED,
            f"{ASK} check the key's permissions in the VideoSDK dashboard.",
        ),
        (
            VideoSDKRefusedError("x", status=404),
            "My address for VideoSDK looks wrong",
            NOT_CREATED,
            f"{ASK} check `VIDEOSDK_API_ENDPOINT`.",
        ),
        (
            VideoSDKRefusedError("x", status=400),
            "VideoSDK rejected the request",
            NOT_CREATED,
            f"If you named a region, try without it. Still stuck? {ASK} {LOOK_UP}",
        ),
        (
            KeyError("a bug"),
            "Something went wrong on my side",
            UNSURE,
            "Please try again. If it fails again, give the reference to whoever set me up.",
        ),
    ],
)
def test_a_failed_start_says_what_happened_and_what_to_do(
    error: Exception, cause: str, meaning: str, advice: str
) -> None:
    assert said(error) == f"{cause}, {meaning} {advice} {REF}"


@pytest.mark.parametrize(
    ("seconds", "wait"),
    [
        (None, "a minute"),
        (0.0, "a minute"),
        (0.2, "a second"),
        (1.2, "2 seconds"),
        (30.0, "30 seconds"),
        (120.0, "120 seconds"),
        (121.0, "3 minutes"),
        (7200.0, "120 minutes"),
        (86400.0, "24 hours"),
    ],
)
def test_too_many_requests_say_how_long_to_wait(seconds: float | None, wait: str) -> None:
    words = said(VideoSDKRateLimitedError("x", status=429, retry_after=seconds))

    assert words == (
        f"VideoSDK is getting too many requests from me, {NOT_CREATED} "
        f"Please try again in {wait}. {REF}"
    )


def test_a_users_mistake_explains_itself() -> None:
    assert said(UsageError("That is no region.")) == "That is no region."


def test_a_failed_check_says_nothing_about_the_meeting() -> None:
    assert said(VideoSDKTimeoutError("x"), CHECKING) == (
        "VideoSDK didn't answer in time, so I couldn't check that ID. The meeting itself may be "
        f"fine. {AGAIN} {REF}"
    )
    assert "region" not in said(VideoSDKRefusedError("x", status=409), CHECKING)


@pytest.mark.parametrize("purpose", [STARTING, CHECKING])
def test_a_promise_has_an_end_and_says_what_to_do_if_nothing_comes(purpose: Purpose) -> None:
    assert "Within half a minute I'll post the" in purpose.slow
    assert "If nothing comes, type the command again" in purpose.slow


def test_a_failed_share_says_that_nothing_was_shared() -> None:
    assert "so the card wasn't shared." in said(ValueError("an old button"), SHARING)


@pytest.mark.parametrize(
    ("purpose", "failed", "unsure"),
    [
        (ENDING, "so the meeting is still on.", "so I can't tell whether the meeting has ended."),
        (CLOSING, "so the links still work.", "so I can't tell whether the links still work."),
    ],
)
def test_a_failed_end_says_that_the_meeting_goes_on_or_may_go_on(
    purpose: Purpose, failed: str, unsure: str
) -> None:
    assert failed in said(VideoSDKRefusedError("x", status=400), purpose)
    assert unsure in said(VideoSDKTimeoutError("x"), purpose)


def kinds(base: type[VideoSDKError]) -> Iterator[type[VideoSDKError]]:
    yield base
    for kind in base.__subclasses__():
        yield from kinds(kind)


def test_every_error_of_videosdk_has_its_own_message() -> None:
    named = {kind for kind in kinds(VideoSDKError) if kind is not VideoSDKError}
    words = {kind: said(kind("x")).partition(",")[0] for kind in named}

    assert {kind.__name__ for kind in named} <= set(videosdk.__all__)
    assert len(set(words.values())) == len(named)
    assert not any("on my side" in cause for cause in words.values())


@pytest.mark.parametrize("purpose", [STARTING, CHECKING, SHARING, ENDING, CLOSING])
def test_every_message_consists_of_whole_sentences(purpose: Purpose) -> None:
    errors = [kind("x") for kind in kinds(VideoSDKError)]

    limits = [too_many("You've", 1, 0.2), too_many("This workspace has", 60, 59.2)]
    for text in [
        BUSY,
        RESTARTING,
        *limits,
        *filter(None, [purpose.slow]),
        *(said(error, purpose) for error in errors),
    ]:
        sentences = re.split(r"(?<=\.) ", text.removesuffix(f" {REF}"))
        assert all(re.fullmatch(r"[A-Z].*[a-zD`]\.", sentence) for sentence in sentences)
