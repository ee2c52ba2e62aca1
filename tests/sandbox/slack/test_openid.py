"""People sign in to the app or cancel, and the app learns who they are, like in Slack."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import BAKERY, HARBOUR, HOME, NORTH_SEA
from bot.sandbox.slack.workspace import USERS
from tests.conftest import serving
from tests.sandbox.bots import call
from tests.sandbox.installing import CLIENT_ID, CLIENT_SECRET, REDIRECT, decide, get, installable

MAYA, JONAS = USERS[:2]
CLAIM = "https://slack.com/{}"


@pytest.fixture
def now() -> list[float]:
    """The current time, which only tests change."""
    return [1_000.0]


@pytest.fixture
async def slack(now: list[float]) -> AsyncIterator[SlackStandIn]:
    """A Slack that knows the app."""
    slack = installable(clock=lambda: now[0])
    async with serving(slack.app) as slack.url:
        yield slack


def sign_in_url(slack: SlackStandIn, **changes: str) -> str:
    query = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "scope": "openid profile",
        "state": "s+t&te",
        "nonce": "n+n&ce",
        "redirect_uri": REDIRECT,
    } | changes
    return f"{slack.url}/openid/connect/authorize?{urlencode(query)}"


async def code_for(slack: SlackStandIn, **changes: str) -> str:
    who = {"user": JONAS.id, "team": HOME.id, "answer": "allow"}
    form = who | {name: changes.pop(name) for name in who if name in changes}
    back, query = await decide(sign_in_url(slack, **changes), **form)
    assert (back, query["state"]) == (REDIRECT, "s+t&te")
    return query["code"]


async def token(slack: SlackStandIn, code: str, **changes: str) -> dict[str, Any]:
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uri": REDIRECT}
    answer, _ = await call(slack, "openid.connect.token", form=form | {"code": code} | changes)
    return answer


def claims_in(answer: dict[str, Any]) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(answer["id_token"], options={"verify_signature": False})
    return claims


async def test_the_page_asks_for_the_user_and_the_workspace(slack: SlackStandIn) -> None:
    status, text = await get(sign_in_url(slack, team=BAKERY.id))

    assert status == 200
    assert "Sign in to Meet with Slack" in text
    assert "Maya Ortega" in text
    assert f'value="{BAKERY.id}" checked' in text
    assert f'value="{HOME.id}" checked' in (await get(sign_in_url(slack)))[1]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "333.444"}, "invalid_client_id"),
        ({"redirect_uri": "https://elsewhere.example.com/"}, "bad_redirect_uri"),
        ({"redirect_uri": f"{REDIRECT}/"}, "bad_redirect_uri"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid chat:write"}, "invalid_scope"),
    ],
)
async def test_an_invalid_request_shows_an_error(
    slack: SlackStandIn, changes: dict[str, str], error: str
) -> None:
    status, text = await get(sign_in_url(slack, **changes))

    assert status == 400
    assert f"Error details: {error}" in text
    with pytest.raises(KeyError, match="Location"):
        await decide(sign_in_url(slack, **changes), user=JONAS.id, team=HOME.id, answer="allow")


async def test_unknown_users_and_workspaces_cannot_be_chosen(slack: SlackStandIn) -> None:
    for form in ({"user": "U0", "team": HOME.id}, {"user": JONAS.id, "team": NORTH_SEA.id}):
        with pytest.raises(KeyError, match="Location"):
            await decide(sign_in_url(slack), answer="allow", **form)


async def test_cancel_redirects_without_a_code(slack: SlackStandIn) -> None:
    _, query = await decide(sign_in_url(slack), user=JONAS.id, team=HOME.id, answer="cancel")

    assert query == {"error": "access_denied", "state": "s+t&te"}


async def test_an_id_token_names_the_user_the_workspace_and_the_app(slack: SlackStandIn) -> None:
    picture = f"{slack.url}/avatar/{JONAS.id}.svg"

    answer = await token(slack, await code_for(slack))

    assert answer["ok"]
    assert claims_in(answer) == {
        "iss": "https://slack.com",
        "sub": JONAS.id,
        "aud": CLIENT_ID,
        "exp": 1300,
        "iat": 1000,
        "auth_time": 1000,
        "nonce": "n+n&ce",
        CLAIM.format("user_id"): JONAS.id,
        CLAIM.format("team_id"): HOME.id,
        "name": "Jonas Becker",
        "picture": picture,
        CLAIM.format("user_image_72"): picture,
    }
    info, _ = await call(slack, "openid.connect.userInfo", token=answer["access_token"])
    assert (info["sub"], info["name"]) == (JONAS.id, "Jonas Becker")
    assert (await call(slack, "openid.connect.userInfo", token="xoxp-1"))[0] == {
        "ok": False,
        "error": "invalid_auth",
    }


async def test_an_id_token_names_the_organisation_and_only_with_profile_the_person(
    slack: SlackStandIn,
) -> None:
    claims = claims_in(await token(slack, await code_for(slack, team=HARBOUR.id, scope="openid")))

    assert claims[CLAIM.format("enterprise_id")] == NORTH_SEA.id
    assert "name" not in claims


async def test_a_code_works_once_within_ten_minutes_for_its_redirect_url(
    slack: SlackStandIn, now: list[float]
) -> None:
    code = await code_for(slack)
    for changes, error in (
        ({"client_secret": "another"}, "bad_client_secret"),
        ({"client_id": "333.444"}, "invalid_client_id"),
        ({"grant_type": "refresh_token"}, "invalid_grant_type"),
        ({"redirect_uri": ""}, "bad_redirect_uri"),
    ):
        assert (await token(slack, code, **changes))["error"] == error
    assert (await token(slack, code, grant_type="authorization_code"))["ok"]
    assert (await token(slack, code))["error"] == "code_already_used"

    late = await code_for(slack)
    now[0] += 601
    assert (await token(slack, late))["error"] == "invalid_code"
    assert (await token(slack, "1.2.3"))["error"] == "invalid_code"


async def test_people_have_pictures(slack: SlackStandIn) -> None:
    assert MAYA.color in (await get(f"{slack.url}/avatar/{MAYA.id}.svg"))[1]
    assert (await get(f"{slack.url}/avatar/U0.svg"))[0] == 404
