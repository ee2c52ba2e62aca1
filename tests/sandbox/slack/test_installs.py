"""Each installation has its own tokens, which end with it."""

import pytest

from bot.sandbox.slack.errors import MethodError
from bot.sandbox.slack.installs import UNINSTALLED, AppInstalls
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import BAKERY, HARBOUR, HOME, NORTH_SEA
from tests.conftest import BOT_TOKEN
from tests.sandbox.bots import call


async def test_a_token_is_for_its_own_workspace(slack_standin: SlackStandIn) -> None:
    tokens = {}
    for place in (BAKERY, HARBOUR, NORTH_SEA):
        installation = slack_standin.installs.add(place, "U1", {"commands"})
        tokens[place] = slack_standin.installs.issue(installation, None).access
    answers = [(await call(slack_standin, "auth.test", token))[0] for token in tokens.values()]

    assert [answer["team_id"] for answer in answers] == [BAKERY.id, HARBOUR.id, NORTH_SEA.id]
    assert [answer.get("enterprise_id") for answer in answers] == [None, *[NORTH_SEA.id] * 2]
    assert [answer["is_enterprise_install"] for answer in answers] == [False, False, True]
    assert answers[2]["url"] == "https://north-sea.enterprise.slack.com/"
    assert (await call(slack_standin, "auth.test", BOT_TOKEN))[0]["team_id"] == HOME.id


async def test_another_workspaces_call_is_unknown(slack_standin: SlackStandIn) -> None:
    bakery = slack_standin.installs.add(BAKERY, "U1", {"calls:write"})
    token = slack_standin.installs.issue(bakery, None).access
    form = {"external_unique_id": "1", "join_url": "https://x.example", "created_by": "U04MAYA0RT"}
    answer, _ = await call(slack_standin, "calls.add", token, form)
    end = {"id": answer["call"]["id"]}

    refused, _ = await call(slack_standin, "calls.end", BOT_TOKEN, end)
    assert refused["error"] == "invalid_call_id"
    assert (await call(slack_standin, "calls.end", token, end))[0]["ok"]
    [ended] = await slack_standin.calls_until(lambda calls: bool(calls[0].ended_at), team=BAKERY)
    assert ended.id == end["id"]


async def test_scopes_belong_to_an_installation_and_add_up(slack_standin: SlackStandIn) -> None:
    installs = slack_standin.installs
    token = installs.issue(installs.add(BAKERY, "U1", {"commands"}), None).access
    refused, _ = await call(slack_standin, "calls.end", token)
    installs.add(BAKERY, "U2", {"calls:write"})
    accepted, headers = await call(slack_standin, "calls.end", token)

    assert (refused["error"], refused["provided"]) == ("missing_scope", "commands")
    assert accepted["error"] == "missing_argument"
    assert "x-oauth-scopes" not in headers
    assert (await call(slack_standin, "auth.test", token))[1]["x-oauth-scopes"] == (
        "calls:write,commands"
    )


@pytest.mark.parametrize("uninstall", [False, True])
async def test_tokens_end_with_the_installation_and_a_new_one_starts_fresh(
    slack_standin: SlackStandIn, *, uninstall: bool
) -> None:
    await (slack_standin.uninstall() if uninstall else slack_standin.revoke())

    answer, _ = await call(slack_standin, "auth.test", BOT_TOKEN)
    assert answer["error"] == ("account_inactive" if uninstall else "token_revoked")
    again = slack_standin.installs.add(HOME, "U1", {"commands"})
    token = slack_standin.installs.issue(again, None).access
    assert (await call(slack_standin, "auth.test", token))[0]["ok"]
    assert slack_standin.scopes == {"commands"}


def test_a_refresh_token_ends_with_the_installation() -> None:
    installs = AppInstalls(lambda: 0.0)
    tokens = installs.issue(installs.add(HOME, "U1", ()), 60)
    installs.end(HOME, UNINSTALLED)
    installs.end(BAKERY, UNINSTALLED)

    with pytest.raises(MethodError, match="invalid_refresh_token"):
        installs.redeem(tokens.refresh)


def test_an_organisations_installation_takes_precedence() -> None:
    installs = AppInstalls(lambda: 0.0)
    assert installs.covering(HARBOUR) is None
    own = installs.add(HARBOUR, "U1", ())
    assert installs.covering(HARBOUR) is own
    whole = installs.add(NORTH_SEA, "U1", ())

    assert installs.covering(HARBOUR) is whole
    assert installs.covering(HOME) is None
