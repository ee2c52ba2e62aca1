"""OAuth works like in Slack: people allow the app or cancel, and the app fetches its tokens."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.page import server
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import BAKERY, HARBOUR, HOME, NORTH_SEA
from tests.conftest import APP_TOKEN, SIGNING_SECRET, serving
from tests.sandbox.bots import call
from tests.sandbox.installing import (
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT,
    access,
    authorize_url,
    code_for,
    decide,
    get,
    install,
    installable,
)


@pytest.fixture
def now() -> list[float]:
    """The current time, which only tests change."""
    return [1_000.0]


@pytest.fixture
async def slack(now: list[float]) -> AsyncIterator[SlackStandIn]:
    """A Slack where nobody has installed the app yet."""
    slack = installable(clock=lambda: now[0])
    async with serving(slack.app) as slack.url:
        yield slack


async def test_the_page_names_the_app_and_its_scopes_and_preselects_home(
    slack: SlackStandIn,
) -> None:
    status, text = await get(authorize_url(slack))

    assert status == 200
    assert "Meet is asking to be added" in text
    assert "Add shortcuts and slash commands that people can use" in text
    assert "Start and manage calls" in text
    names = ("Lighthouse Works", "Corner Bakery", "Harbour Design", "North Sea Group")
    places = [text.index(name) for name in names]
    assert places == sorted(places)
    assert f'value="{HOME.id}" checked' in text


async def test_the_page_preselects_the_workspace_that_the_app_names(slack: SlackStandIn) -> None:
    _, text = await get(authorize_url(slack, team=BAKERY.id))

    assert f'value="{BAKERY.id}" checked' in text
    assert text.count(" checked>") == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "333.444"}, "invalid_client_id"),
        ({"redirect_uri": "https://elsewhere.example.com/"}, "bad_redirect_uri"),
        ({"scope": "commands,admin"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"user_scope": "chat:write"}, "invalid_scope"),
    ],
)
async def test_an_invalid_request_shows_an_error(
    slack: SlackStandIn, changes: dict[str, str], error: str
) -> None:
    status, text = await get(authorize_url(slack, **changes))

    assert status == 400
    assert f"Error details: {error}" in text
    with pytest.raises(KeyError, match="Location"):
        await decide(authorize_url(slack, **changes), place=HOME.id, answer="allow")


async def test_an_unknown_workspace_cannot_be_chosen(slack: SlackStandIn) -> None:
    with pytest.raises(KeyError, match="Location"):
        await decide(authorize_url(slack), place="T0", answer="allow")


async def test_browsers_can_send_the_form_on_the_sandboxs_server() -> None:
    slack = SlackStandIn(
        SIGNING_SECRET, "", APP_TOKEN, client_id=CLIENT_ID, redirect_urls=[REDIRECT]
    )
    server.mount(slack, commands=[], faults=slack.faults)
    async with (
        serving(slack.app) as slack.url,
        aiohttp.ClientSession() as session,
        session.get(authorize_url(slack)) as answer,
    ):
        headers = answer.headers

    assert "form-action" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_cancel_redirects_without_a_code(slack: SlackStandIn) -> None:
    where, query = await decide(authorize_url(slack), place=HOME.id, answer="cancel")

    assert (where, query) == (REDIRECT, {"error": "access_denied", "state": "s+t&te"})
    assert slack.installs.by_place == {}


# slack_sdk 3.47 uses a class that aiohttp 3.14 has deprecated.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_allow_redirects_with_a_code_that_slacks_client_can_redeem(
    slack: SlackStandIn,
) -> None:
    where, query = await decide(authorize_url(slack), place=BAKERY.id, answer="allow")
    assert (where, query["state"]) == (REDIRECT, "s+t&te")

    client = AsyncWebClient(base_url=f"{slack.url}/api/")
    answer = await client.oauth_v2_access(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        code=query["code"],
        redirect_uri=REDIRECT,
    )
    token = answer.data.pop("access_token")  # type: ignore[union-attr] # it is a dict
    assert token.startswith("xoxb-")
    assert answer.data == {
        "ok": True,
        "token_type": "bot",
        "scope": "calls:write,commands",
        "bot_user_id": BAKERY.bot_user_id,
        "app_id": "A04MEETAPP",
        "team": {"id": BAKERY.id, "name": "Corner Bakery"},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": "U04MAYA0RT"},
    }
    assert (await AsyncWebClient(token, f"{slack.url}/api/").auth_test())["team_id"] == BAKERY.id


async def test_an_organisation_is_no_team_but_its_workspace_is_one(slack: SlackStandIn) -> None:
    organisation = {"id": NORTH_SEA.id, "name": "North Sea Group"}
    one, all_of_them = await install(slack, HARBOUR), await install(slack, NORTH_SEA)

    assert (one["team"]["id"], one["enterprise"]) == (HARBOUR.id, organisation)
    assert one["is_enterprise_install"] is False
    assert (all_of_them["team"], all_of_them["enterprise"]) == (None, organisation)
    assert all_of_them["is_enterprise_install"] is True


async def test_the_redirect_url_can_come_from_the_apps_settings(slack: SlackStandIn) -> None:
    slack.oauth.redirect_urls = ["https://meet.example.com/?from=slack"]
    url = authorize_url(slack, redirect_uri="")
    where, query = await decide(url, place=HOME.id, answer="allow")

    assert (where, query["from"]) == ("https://meet.example.com/", "slack")
    assert (await access(slack, code=query["code"]))["ok"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "333.444"}, "invalid_client_id"),
        ({"client_secret": "wrong"}, "bad_client_secret"),
        ({"code": "1.2.3"}, "invalid_code"),
        ({"redirect_uri": "https://elsewhere.example.com/"}, "bad_redirect_uri"),
        ({"grant_type": "password"}, "invalid_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_refresh_token"),
    ],
)
async def test_a_failed_exchange_has_slacks_error_and_leaves_the_code_valid(
    slack: SlackStandIn, changes: dict[str, str], error: str
) -> None:
    right = {"code": await code_for(slack), "redirect_uri": REDIRECT}

    assert await access(slack, **(right | changes)) == {"ok": False, "error": error}
    assert (await access(slack, **right))["ok"]


@pytest.mark.parametrize("credentials", ["not base64", "MTExLjIyMg==", "/w=="])
async def test_credentials_in_the_header_can_be_wrong_as_well(
    slack: SlackStandIn, credentials: str
) -> None:
    headers = {"Authorization": f"Basic {credentials}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{slack.url}/api/oauth.v2.access", data={"code": "1"}) as answer,
    ):
        assert (await answer.json())["error"] in ("invalid_client_id", "bad_client_secret")


async def test_a_code_works_once_within_ten_minutes(slack: SlackStandIn, now: list[float]) -> None:
    late, code = await code_for(slack), await code_for(slack)
    errors = []
    for one in (code, code, late):
        errors.append((await access(slack, code=one, redirect_uri=REDIRECT)).get("error"))
        now[0] += 301

    assert errors == [None, "code_already_used", "invalid_code"]


async def test_with_rotation_a_token_expires_and_can_be_renewed_once(
    slack: SlackStandIn, now: list[float]
) -> None:
    slack.oauth.token_rotation, slack.oauth.token_lifetime = True, 60
    first = await install(slack)
    again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await access(slack, **again)

    assert first["access_token"].startswith("xoxe.xoxb-")
    assert first["refresh_token"].startswith("xoxe-1-")
    assert (first["expires_in"], second["expires_in"]) == (60, 60)
    assert first["refresh_token"] != second["refresh_token"]
    assert (await access(slack, **again))["error"] == "invalid_refresh_token"
    now[0] += 59
    assert (await call(slack, "auth.test", first["access_token"]))[0]["ok"]
    now[0] += 1
    assert (await call(slack, "auth.test", first["access_token"]))[0]["error"] == "token_expired"


async def test_an_app_without_a_client_id_cannot_be_installed() -> None:
    slack = SlackStandIn(SIGNING_SECRET, "", APP_TOKEN)
    async with serving(slack.app) as slack.url:
        status, text = await get(authorize_url(slack, client_id=""))
        answer = await access(slack, client_id="", client_secret="")

    assert (status, "invalid_client_id" in text) == (400, True)
    assert answer["error"] == "invalid_client_id"
