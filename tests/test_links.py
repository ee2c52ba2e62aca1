"""Our links carry what they were given, for as long as they are good, and nothing can be put in."""

import jwt
import pytest

from bot.links import (
    JOIN_LIFETIME,
    JoinLink,
    LinkError,
    LinkExpiredError,
    SignedLinks,
    TemplateLinks,
    Webhook,
)

KEY = b"k" * 32
NOW = 1795428000.5
LINK = JoinLink("87i6-bvw8-dtn1", "Weekly sync", "R0ABC123")
HOOK = Webhook("R0ABC123", "T0123")


def links(now: float = NOW, key: bytes = KEY) -> SignedLinks:
    return SignedLinks("https://bot.example.com", key, clock=lambda: now)


def token(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.mark.parametrize("link", [LINK, JoinLink("87i6-bvw8-dtn1")])
def test_a_join_link_carries_the_meeting(link: JoinLink) -> None:
    url = links().url(link)

    assert url.startswith("https://bot.example.com/join/")
    assert links().read(token(url)) == link


def test_a_join_link_is_good_for_thirty_days() -> None:
    old = token(links(NOW - JOIN_LIFETIME + 1).url(LINK))
    assert links().read(old) == LINK

    older = token(links(NOW - JOIN_LIFETIME - 1).url(LINK))
    with pytest.raises(LinkExpiredError):
        links().read(older)
    assert links().read(older, expired=True) == LINK


def test_a_link_of_another_key_kind_or_form_is_refused() -> None:
    claims = {"m": LINK.meeting_id, "exp": NOW + 60, "aud": "join"}
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


def test_a_join_link_is_found_in_whatever_was_pasted_even_when_it_is_old() -> None:
    url = links(NOW - 2 * JOIN_LIFETIME).url(LINK)

    assert links().find(f"is <{url}|this> it?") == LINK
    assert links().find(url[:-3]) is None
    assert links().find("https://bot.example.com/join/") is None


def test_a_webhook_address_carries_the_card_and_fits_videosdks_limit() -> None:
    url = links().webhook_url(HOOK)

    assert len(url) <= 512
    assert links(NOW + 10 * JOIN_LIFETIME).read_webhook(token(url)) == HOOK
    with pytest.raises(LinkError):
        links().read_webhook(token(links().url(LINK)))


def test_a_teams_own_page_is_a_template() -> None:
    template = TemplateLinks("https://meet.example.com/{meeting_id}?x=1")

    assert template.url(JoinLink("a/b")) == "https://meet.example.com/a%2Fb?x=1"
    assert not template.find(
        "https://meet.example.com/87i6-bvw8-dtn1?x=1"
    )  # its ID is found instead
