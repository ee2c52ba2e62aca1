"""The join page with valid and forged links."""

import re
import time
from typing import Any

from bot.links import JOIN_LIFETIME, JoinLink, SignedLinks
from bot.settings.derived_keys import links_key
from bot.settings.settings import Settings
from tests.battery.lab import Lab, Stage
from tests.battery.table import Finding, Row, all_of, none_of

_CAPTURE = ("camera", "microphone", "display-capture")


async def join_page(lab: Lab) -> Row:
    """H1: a valid link opens one meeting; any other gets no token."""
    async with lab.running(VIDEOSDK_API_VERSION="v2") as stage:
        await stage.slack.command("/meet h1")
        [meeting] = stage.videosdk.meetings.values()
        [call] = stage.slack.workspace.calls.by_id.values()
        good = await stage.open(call.join_url)
        findings = [
            none_of("wrong or missing security header", _wrong_headers(stage, good)),
            none_of("script in the page", re.findall(r"<script|\son\w+=", good[2])),
            await _bad_links(stage, call.join_url, meeting["webhook"]["endPoint"]),
        ]
        await stage.slack.command("/meet h1 off")
        stage.videosdk.meetings[list(stage.videosdk.meetings)[-1]]["disabled"] = True
        [*_, off] = stage.slack.workspace.calls.by_id.values()
        status, _, text = await stage.open(off.join_url)
        findings.append(
            none_of("way into a deactivated meeting", _page_problems(status, 410, text))
        )
    what = "the join page with a valid link, and with altered, expired, foreign and unknown ones"
    return Row("H1", what, findings)


def _wrong_headers(stage: Stage, page: tuple[int, Any, str]) -> list[str]:
    """Return the headers that differ from the expected ones."""
    status, headers, text = page
    frame = stage.settings["VIDEOSDK_EMBED_URL"].removesuffix("/embed/")
    [nonce] = re.findall(r'nonce="([\w-]{22})"', text) or [""]
    wanted = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": f"default-src 'none'; style-src 'nonce-{nonce}'; "
        "img-src data:; "
        f"frame-src {frame}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Content-Type": "text/html; charset=utf-8",
        "Permissions-Policy": ", ".join(f'{name}=(self "{frame}")' for name in _CAPTURE),
        "Referrer-Policy": "no-referrer",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
    }
    wrong = [name for name, value in wanted.items() if headers.get(name) != value]
    return wrong + ([] if status == 200 else [f"status {status}"])


async def _bad_links(stage: Stage, good: str, hook: str) -> Finding:
    """Open every kind of invalid link, and check that none opens a meeting."""
    public, settings = stage.settings["PUBLIC_URL"], Settings.from_env(stage.settings)
    link = JoinLink("87i6-bvw8-dtn1", "h1")
    long_ago = SignedLinks(
        public, links_key(settings), clock=lambda: time.time() - JOIN_LIFETIME - 60
    )
    tried = {
        long_ago.url(link): 410,
        SignedLinks(public, links_key(settings)).url(link): 410,
        SignedLinks(public, b"of another deployment" * 2).url(link): 404,
        hook.replace("/videosdk/", "/join/"): 404,
        f"{public}/join/..%2f..%2fhealthz": 404,
        f"{public}/join/e30.e30.": 404,
        **{good[:-n]: 404 for n in (1, 5, 40)},
        good.replace("/join/e", "/join/f"): 404,
    }
    odd = []
    for url, wanted in tried.items():
        status, _, text = await stage.open(url)
        odd += _page_problems(status, wanted, text)
    return all_of("every bad link is rejected without a token", len(tried) - len(odd), len(tried))


def _page_problems(status: int, wanted: int, text: str) -> list[str]:
    """Return the faults of a page that mustn't open a meeting."""
    leads = "<iframe" in text or "token=" in text
    return [f"status {status}, leads on: {leads}"] if leads or status != wanted else []
