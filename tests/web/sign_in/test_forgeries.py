"""A thousand forged, replayed, expired or swapped cookies, states and IDs are rejected."""

import base64
import json
import random
from collections.abc import Callable

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from slack_sdk.web.async_client import AsyncWebClient

from bot.links import JoinLink, SignedLinks
from bot.participant_ids import CallRef, MemberIds, new_visitor, participant_id
from bot.web.install.slack_app import SlackApp
from bot.web.join.doors import Arrival, SlackDoor
from bot.web.sign_in.flow import SIGN_IN_LASTS, SignIn
from bot.web.sign_in.member import Member
from bot.workspace import Workspace

PUBLIC = "https://bot.example.com"
MEMBER, FLOW = "__Host-meet-member", "__Host-meet-sign-in"
NOW = 1795428000.0
CASES = 1000
APP = web.Application()  # to mock one takes longer than all else
MAYA = Member("T0HOME", None, "U0MAYA", "Maya Ortega", "https://a.example.com/1.png")
LINKS = SignedLinks(PUBLIC, b"l" * 32, clock=lambda: NOW)
TOKEN = LINKS.url(JoinLink("87i6-bvw8-dtn1", made_in=Workspace("T0HOME"))).rpartition("/")[2]
IDS = MemberIds(b"m" * 32)

Cookies = dict[str, str]


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same cases each time


def key(deployment: str) -> Callable[[str], bytes]:
    return lambda purpose: f"{deployment} {purpose}".encode().ljust(32)


def signing_in(deployment: str = "ours", now: float = NOW) -> SignIn:
    app = SlackApp("1.2", "secret", [], "/meet", PUBLIC, "https://slack.invalid/api/")
    client = AsyncWebClient()
    keys = [key(deployment)(purpose) for purpose in ("sign-in", "sign-in flow")]
    return SignIn(app, client, LINKS, *keys, clock=lambda: now)


def request(cookies: Cookies, query: str = "", **match: str) -> web.Request:
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = {"Cookie": header, "User-Agent": "Mozilla/5.0"}
    return make_mocked_request("GET", f"/x?{query}", headers=headers, match_info=match, app=APP)


async def begun(sign_in: SignIn) -> tuple[Cookies, str]:
    """Start signing in, and return the cookie and the state."""
    with pytest.raises(web.HTTPFound) as away:
        await sign_in.begin(request({}, token=TOKEN))
    state = str(away.value.location).partition("state=")[2].partition("&")[0]
    return {name: morsel.value for name, morsel in away.value.cookies.items()}, state


def member_cookie(sign_in: SignIn, member: Member = MAYA) -> str:
    response = web.Response()
    sign_in._member.set(response, member.claims())
    return response.cookies[MEMBER].value


def altered(chance: random.Random, text: str) -> str:
    """Change, drop or add a character."""
    at, way = chance.randrange(len(text)), chance.randrange(3)
    letter = chance.choice([one for one in "ABCabc012_-." if one != text[at]])
    changed = text[:at] + (letter, "", letter + text[at])[way] + text[at + 1 :]
    # The last of 43 letters has two bits that count for nothing.
    return changed if at < len(text) - 1 else f"{text[:-2]}{letter}"


def unsigned(claims: dict[str, object]) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


async def test_no_forged_or_foreign_cookie_says_who_somebody_is() -> None:
    chance, ours, theirs = seeded(20261126), signing_in(), signing_in("theirs")
    good, claims = member_cookie(ours), MAYA.claims() | {"exp": NOW + 60}
    assert ours.member(request({MEMBER: good})) == MAYA
    flow, _ = await begun(ours)
    signed = {
        "none": unsigned({**claims, "aud": "meet-member"}),
        "without an end": jwt.encode(
            {**MAYA.claims(), "aud": "meet-member"}, key("ours")("sign-in")
        ),
        "another audience": jwt.encode({**claims, "aud": "join"}, key("ours")("sign-in")),
        "another purpose": jwt.encode(
            {**claims, "aud": "meet-member"}, key("ours")("sign-in flow")
        ),
        "another deployment": member_cookie(theirs),
        "a flow": flow[FLOW],
        "a join link": TOKEN,
        "nothing": "",
    }
    for cookie in signed.values():
        assert ours.member(request({MEMBER: cookie})) is None
    for _ in range(CASES * 2 // 5):
        assert ours.member(request({MEMBER: altered(chance, good)})) is None
    assert ours.member(request({"meet-member": good})) is None
    later = signing_in(now=NOW + SIGN_IN_LASTS + chance.random())
    assert later.member(request({MEMBER: good})) is None


async def test_no_swapped_altered_or_old_state_finishes_a_sign_in() -> None:
    chance, ours = seeded(1126), signing_in()
    flows = [await begun(ours) for _ in range(20)]
    late = signing_in(now=NOW + 601)

    async def ends(sign_in: SignIn, cookies: Cookies, state: str) -> str:
        page = await sign_in.finish(request(cookies, f"code=1.2.3&state={state}"))
        return str(page.text)

    for _ in range(CASES // 10):
        (cookies, state), (_, other) = chance.sample(flows, 2)
        wrong = chance.choice([other, altered(chance, state), ""])
        assert "Please sign in again" in await ends(ours, cookies, wrong)
        assert "Please sign in again" in await ends(ours, {}, state)
        assert "Please sign in again" in await ends(late, cookies, state)
    for cookies, state in flows:
        assert "Please sign in again" not in await ends(ours, cookies, f"{state}&error=x")
        assert "Please sign in again" in await ends(ours, cookies, state)


def test_a_link_does_not_count_members_of_other_teams_as_its_own() -> None:
    chance = seeded(26)
    teams = [None, "T0HOME", "T0OTHER"]
    organisations = [None, "E0HOME", "E0OTHER"]
    for _ in range(CASES // 10):
        team, organisation = chance.choice(teams), chance.choice(organisations)
        link = JoinLink(
            "r", starter="U0MAYA", made_in=Workspace(team, organisation), is_starters=True
        )
        someone = Member(
            chance.choice(["T0HOME", "T0OTHER"]), chance.choice(organisations), "U0MAYA", "Maya"
        )
        same = someone.team_id == team if team else someone.enterprise_id == organisation
        is_known = team is not None or organisation is not None
        assert someone.belongs_to(link) == someone.moderates(link) == (same and is_known)
    assert not MAYA.belongs_to(JoinLink("r"))


def test_no_altered_participant_id_shows_a_member() -> None:
    chance = seeded(11)
    plain = [participant_id(CallRef(f"R{n}", Workspace("T1"), n), new_visitor()) for n in range(10)]
    good = [IDS.sign(one, f"U0{n}") for n, one in enumerate(plain)]
    assert [IDS.user_id(one) for one in good] == [f"U0{n}" for n in range(10)]
    assert [IDS.user_id(one) for one in plain] == [None] * 10
    for _ in range(CASES // 10):
        one, other = chance.sample(good, 2)
        assert IDS.user_id(altered(chance, one)) is None
        assert IDS.user_id(f"{one[:-24]}{other[-24:]}") is None
        assert MemberIds(b"o" * 32).user_id(one) is None


def test_a_member_who_shows_on_another_workspaces_card_is_a_guest_there() -> None:
    door = SlackDoor(signing_in(), IDS, required=False)
    link = JoinLink("r", made_in=Workspace("T0HOME"))
    home, elsewhere = CallRef("R1", Workspace("T0HOME"), 1), CallRef("R2", Workspace("T0OTHER"), 1)
    maya = Arrival(MAYA)

    assert IDS.user_id(door.participant(link, maya, home, "x7k2p9qa1b2c")) == "U0MAYA"
    there = door.participant(link, maya, elsewhere, "x7k2p9qa1b2c")
    assert there == participant_id(elsewhere, "x7k2p9qa1b2c")
    assert IDS.user_id(there) is None
