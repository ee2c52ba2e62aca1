"""Links carry their content until they expire, and can't be forged."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import jwt
import pytest

from bot.links import (
    JOIN_LIFETIME,
    Conversation,
    JoinLink,
    LinkError,
    LinkExpiredError,
    SignedLinks,
    TemplateLinks,
)
from bot.participant_ids import CallRef
from bot.workspace import Workspace

URL = "https://bot.example.com"
KEY = b"k" * 32
NOW = 1795428000.5
ID = "87i6-bvw8-dtn1"
CALL = CallRef("R0ABC123", Workspace("T0123", "E0123"), 1795427000)
PLACE = Conversation(Workspace("T0123", "E0123"), "C0123", "1795427000.000100")
LINK = JoinLink(ID, "Weekly sync", CALL, PLACE, "U0123")
HOOK = Workspace("T0123", "E0123")


def links(now: float = NOW, key: bytes = KEY) -> SignedLinks:
    return SignedLinks(URL, key, clock=lambda: now)


def token(url: str) -> str:
    return url.rpartition("/")[2]


def signed(**claims: Any) -> str:
    """Return a token with these claims, signed like the bot's in every version."""
    return jwt.encode(claims, KEY, algorithm="HS256")


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        JoinLink(ID),
        JoinLink(ID, "standup", CallRef("R1", Workspace("T1"), 7)),
        JoinLink(ID, None, None, Conversation(Workspace("T1"), "D1"), "U1"),
        JoinLink(
            ID,
            None,
            CallRef("R1", Workspace(None, "E1"), 7),
            Conversation(Workspace(None, "E1"), "C1"),
            "U1",
        ),
    ],
)
def test_a_join_link_carries_the_meeting_its_card_and_its_conversation(link: JoinLink) -> None:
    url = links().url(link)

    assert url.startswith(f"{URL}/join/")
    assert links().read(token(url)) == link


def test_a_join_link_works_for_thirty_days() -> None:
    old = token(links(NOW - JOIN_LIFETIME + 1).url(LINK))
    assert links().read(old) == LINK

    older = token(links(NOW - JOIN_LIFETIME - 1).url(LINK))
    with pytest.raises(LinkExpiredError):
        links().read(older)
    assert links().read(older, expired=True) == LINK


def test_a_join_link_of_version_1_0_0_names_its_meeting_and_its_call() -> None:
    plain = signed(m=ID, exp=NOW + 60, aud="join")
    live = signed(m=ID, n="standup", c="R0ABC123", exp=NOW + 60, aud="join")

    assert links().read(plain) == JoinLink(ID)
    assert links().read(live) == JoinLink(ID, "standup", CallRef("R0ABC123"))


def test_a_link_with_another_key_audience_or_form_is_rejected() -> None:
    claims = {"m": ID, "exp": NOW + 60, "aud": "join"}
    for foreign in (
        token(links(key=b"x" * 32).url(LINK)),
        token(links().webhook_url(HOOK)),
        jwt.encode(claims, "", algorithm="none"),
        token(links().url(LINK))[:-2],
        "",
        "é",
    ):
        with pytest.raises(LinkError):
            links().read(foreign)


def test_a_join_link_is_found_in_pasted_text_even_if_expired() -> None:
    url = links(NOW - 2 * JOIN_LIFETIME).url(LINK)

    assert links().find(f"is <{url}|this> it?") == LINK
    assert links().find(f"{URL}/join/x.y.{'z' * 43} {url}") == LINK
    assert links().find(url[:-3]) is None
    assert links().find(f"{URL}/join/") is None


@pytest.mark.parametrize(
    "wrap",
    [
        lambda url: url.replace("https", "http"),
        lambda url: url.replace(URL, "HTTPS://BOT.EXAMPLE.COM:443").replace("join", "Join"),
        lambda url: f"https://www.google.com/url?q={quote(url, safe='')}&sa=D",
        lambda url: f"https://eur01.safelinks.protection.outlook.com/?url={quote(url)}&data=05",
        lambda url: f"https://urldefense.com/v3/__{url}__;!!abc!xyz$",
        lambda url: f"https://urldefense.proofpoint.com/v2/url?u={proofpoint(url)}&d=DwMF-g",
        lambda url: f"https://linkprotect.example.com/url?a={quote(quote(url, safe=''), safe='')}",
    ],
)
def test_a_join_link_rewritten_by_scanners_or_browsers_is_found(
    wrap: Callable[[str], str],
) -> None:
    assert links().find(wrap(links().url(LINK))) == LINK


def proofpoint(url: str) -> str:
    """Encode an address like URL Defense v2, with its own characters for `%` and `/`."""
    for char in "-_:":
        url = url.replace(char, f"%{ord(char):02X}")
    return url.replace("%", "-").replace("/", "_")


@pytest.mark.parametrize("hook", [HOOK, Workspace("T0123"), Workspace(None, "E0123")])
def test_a_webhook_address_carries_the_workspace_and_fits_videosdks_limit(hook: Workspace) -> None:
    url = links().webhook_url(hook)

    assert len(url) <= 512
    assert links(NOW + 10 * JOIN_LIFETIME).read_webhook(token(url)) == hook
    with pytest.raises(LinkError):
        links().read_webhook(token(links().url(LINK)))


def test_a_webhook_address_is_ours_if_it_has_our_address_and_signature() -> None:
    of_1_0_0 = signed(call_id="R0ABC123", team_id="T0123", aud="webhook")

    assert links().is_own_webhook(links().webhook_url(HOOK))
    assert links().is_own_webhook(f"{URL}/videosdk/{of_1_0_0}")
    assert links().read_webhook(of_1_0_0) == Workspace("T0123")
    for foreign in (
        links(key=b"x" * 32).webhook_url(HOOK),
        links().webhook_url(HOOK).replace("bot.example.com", "old.example.com"),
        of_1_0_0,
        f"{URL}/videosdk/",
        "https://bot.example.com/elsewhere",
    ):
        assert not links().is_own_webhook(foreign)


def test_a_teams_own_page_is_a_template() -> None:
    template = TemplateLinks("https://meet.example.com/{meeting_id}?x=1")

    assert template.url(JoinLink("a/b")) == "https://meet.example.com/a%2Fb?x=1"
    assert not template.find(
        "https://meet.example.com/87i6-bvw8-dtn1?x=1"
    )  # its ID is found instead
