"""The doctor reports what is wrong and how to fix it, without secrets."""

import json
import re
import time
from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Any

import pytest
from aiohttp import web

from bot.app import open_bot
from bot.doctor import report
from bot.doctor.report import Finding, examine
from bot.doctor.scopes import PURPOSES
from bot.doctor.trouble import OK, UNPROVEN, WARNING, WRONG
from bot.manifest import scopes
from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings
from tests.conftest import (
    API_KEY,
    APP_TOKEN,
    BOT_TOKEN,
    NOBODY,
    ROOT,
    SECRET_KEY,
    SIGNING_SECRET,
    LiveSettings,
    environment,
    free_port,
    serving,
)
from tests.process import bot_process

SECRETS = (API_KEY, SECRET_KEY, SIGNING_SECRET, BOT_TOKEN, APP_TOKEN)


@pytest.fixture
def settings(slack_standin: SlackStandIn, videosdk_url: str) -> dict[str, str]:
    """Settings that are fine, without a public address."""
    return environment(SLACK_API_URL=f"{slack_standin.url}/api", VIDEOSDK_API_ENDPOINT=videosdk_url)


@pytest.fixture
async def deployment(live_settings: LiveSettings) -> AsyncIterator[dict[str, str]]:
    """The settings of a running bot with live cards."""
    settings = live_settings.environment(free_port())
    async with open_bot(Settings.from_env(settings)):
        yield settings


async def find(settings: dict[str, str], about: str) -> Finding:
    """Return the doctor's finding about one thing."""
    found = {finding.about: finding async for finding in examine(settings)}
    assert not any(secret in repr(found) for secret in SECRETS)
    return found[about]


async def doctor_process(settings: dict[str, str], *options: str) -> tuple[int, str]:
    """Run the command; return its exit code and output."""
    async with bot_process(settings, "doctor", *options, covered=True) as process:
        assert process.process.stdout
        printed = (await process.process.stdout.read()).decode()
        code = await process.process.wait()
    return code, printed + process.printed


async def test_nothing_is_wrong_with_a_running_bot(deployment: dict[str, str]) -> None:
    code, printed = await doctor_process(deployment)

    *lines, last = printed.splitlines()
    assert re.findall(r"^(\w+) +\d+ ms  (\w+):", "\n".join(lines), re.MULTILINE) == [
        ("ok", "settings"),
        ("ok", "versions"),
        ("ok", "network"),
        ("ok", "SLACK_BOT_TOKEN"),
        ("ok", "scopes"),
        ("unproven", "SLACK_SIGNING_SECRET"),
        ("ok", "SLACK_APP_TOKEN"),
        ("ok", "VIDEOSDK_API_KEY"),
        ("ok", "clock"),
        ("ok", "PUBLIC_URL"),
    ]
    assert "Type /meet in Slack: if you get an answer, the secret is right." in printed
    assert (code, last) == (0, "Nothing is wrong. Not proven yet: 1.")
    assert not any(secret in printed for secret in SECRETS)


async def test_json_output_comes_with_the_exit_code(settings: dict[str, str]) -> None:
    wrong = {"SLACK_BOT_TOKEN": "xoxb-another", "SLACK_SIGNING_SECRET": "not-slacks-own-form"}

    code, printed = await doctor_process(settings | wrong, "--json")

    output: dict[str, Any] = json.loads(printed)
    levels = {check["about"]: check["level"] for check in output["checks"]}
    assert (code, output["ok"]) == (1, False)
    assert {about for about, level in levels.items() if level == WRONG} == {"SLACK_BOT_TOKEN"}
    assert {about for about, level in levels.items() if level == WARNING} == {
        *("SLACK_SIGNING_SECRET", "scopes", "PUBLIC_URL")
    }
    assert all(bool(check["fix"]) == (check["level"] != OK) for check in output["checks"])


async def test_an_unknown_setting_is_a_warning_with_the_nearest_name(
    settings: dict[str, str],
) -> None:
    found = await find(settings | {"VIDEOSDK_API_VERSON": "hunter2"}, "unknown settings")

    assert (found.level, bool(found.fix)) == (WARNING, True)
    assert found.says == "VIDEOSDK_API_VERSON (did you mean VIDEOSDK_API_VERSION?)"


@pytest.mark.parametrize("as_json", [True, False])
async def test_wrong_settings_are_the_only_finding(
    as_json: bool,  # noqa: FBT001 - parametrised
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = await report.run({"SLACK_BOT_TOKEN": "hunter2"}, as_json=as_json)

    printed = capsys.readouterr().out
    assert code == 2
    assert "VIDEOSDK_SECRET_KEY is missing. Get it from: app.videosdk.live/api-keys." in printed
    assert "hunter2" not in printed
    assert "clock" not in printed


async def test_the_last_line_counts_and_each_fix_follows_its_finding(
    settings: dict[str, str], slack_standin: SlackStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    slack_standin.scopes = {"commands"}
    assert await report.run(settings, as_json=False) == 0
    assert capsys.readouterr().out.endswith("\nNothing is wrong. Warnings: 2. Not proven yet: 1.\n")

    settings |= {"PUBLIC_URL": NOBODY, "SLACK_APP_TOKEN": APP_TOKEN}
    assert await report.run(settings, as_json=False) == 1
    printed = capsys.readouterr().out
    assert re.search(
        r"^wrong +\d+ ms  PUBLIC_URL: nothing answers.*\n {19}The bot must", printed, 8
    )
    assert printed.endswith("\nWrong: 1. Warnings: 1.\n")


@pytest.mark.parametrize(
    ("scopes", "live", "level"),
    [
        ({"commands", "calls:write", "chat:write"}, True, OK),
        ({"commands"}, False, WARNING),
        ({"commands"}, True, WRONG),
        ({"calls:write"}, False, WRONG),
    ],
)
async def test_a_missing_scope_is_as_serious_as_the_feature_that_needs_it(
    scopes: set[str],
    live: bool,  # noqa: FBT001 - parametrised
    level: str,
    settings: dict[str, str],
    slack_standin: SlackStandIn,
) -> None:
    slack_standin.scopes = scopes
    if live:
        settings |= {"PUBLIC_URL": NOBODY, "VIDEOSDK_API_VERSION": "v2"}

    found = await find(settings, "scopes")

    assert found.level == level
    assert found.says.startswith("lacks") == ("reinstall" in found.fix) == (level != OK)


async def test_direct_messages_need_their_permission(
    settings: dict[str, str], slack_standin: SlackStandIn
) -> None:
    slack_standin.scopes = {"commands", "calls:write"}

    found = await find(settings | {"INVITES": "message"}, "scopes")

    assert (found.level, found.says.startswith("lacks chat:write (")) == (WRONG, True)


async def test_every_scope_is_listed_with_its_purpose(
    settings: dict[str, str], slack_standin: SlackStandIn
) -> None:
    assert PURPOSES.keys() == set(scopes())
    everything = (await find(settings, "scopes")).says
    assert all(f"{scope} ({buys})" in everything for scope, buys in PURPOSES.items())

    slack_standin.scopes = {"commands", "calls:write"}
    assert "; lacks chat:write (cards by Start again" in (await find(settings, "scopes")).says


@pytest.mark.parametrize(
    ("changes", "level", "says"),
    [
        ({}, WARNING, "not set: cards have no Join button"),
        ({"VIDEOSDK_API_VERSION": "v2"}, WARNING, "and, even with v2, aren't live"),
        ({"JOIN_URL_TEMPLATE": "https://m.example/{meeting_id}"}, OK, "Join leads to JOIN_URL"),
    ],
)
async def test_without_a_public_address_the_doctor_says_how_to_turn_join_on(
    changes: dict[str, str], level: str, says: str, settings: dict[str, str]
) -> None:
    found = await find(settings | changes, "PUBLIC_URL")

    assert (found.level, says in found.says) == (level, True)
    assert ("tunnel" in found.fix) == (level != OK)


async def test_the_docs_show_the_doctors_output(
    deployment: dict[str, str], videosdk_standin: VideoSDKStandIn
) -> None:
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    shown = re.findall(r"^(\w+) +\d+ ms  (\w+): (.+)\n(?: {19}(.+))?", text, re.MULTILINE)
    videosdk_standin.faults.always(Fault(401, b"{}"))
    found = {finding.about: finding async for finding in examine(deployment)}

    assert len(shown) == 4
    for level, about, says, fix in shown:
        assert found[about].level == level
        assert found[about].says.startswith(says.removesuffix("…").rstrip())
        assert found[about].fix.startswith(fix.removesuffix("…").rstrip())


async def test_with_socket_mode_nothing_is_unproven(
    deployment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await report.run(deployment | {"SLACK_APP_TOKEN": APP_TOKEN}, as_json=False) == 0

    assert capsys.readouterr().out.endswith("\nEverything is fine.\n")


async def test_the_doctor_says_which_variable_the_public_address_is_from(
    deployment: dict[str, str],
) -> None:
    on_render = deployment | {"RENDER_EXTERNAL_URL": deployment["PUBLIC_URL"], "PUBLIC_URL": ""}

    found = await find(on_render, "settings")
    assert found.says.endswith("; the public address is from RENDER_EXTERNAL_URL")
    assert (await find(on_render, "PUBLIC_URL")).level == OK


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault(200, b"busy", "text/plain"), "the answer isn't Slack's (status 200)"),
        (Fault(502, b"[]"), "the answer isn't Slack's (status 502)"),
        (Fault(reset=True), "Slack can't be reached"),
        (Fault(200, b'{"ok": false, "error": "token_revoked"}'), "Slack rejects it (token_revoked"),
    ],
)
async def test_any_wrong_answer_from_slack_is_reported(
    fault: Fault, says: str, settings: dict[str, str], slack_standin: SlackStandIn
) -> None:
    slack_standin.faults.plan(fault, path="auth.test")

    found = await find(settings, "SLACK_BOT_TOKEN")

    assert (found.level, says in found.says) == (WRONG, True)
    assert found.fix


async def test_socket_mode_needs_its_token_and_no_signing_secret(settings: dict[str, str]) -> None:
    settings |= {"SLACK_APP_TOKEN": APP_TOKEN, "SLACK_SIGNING_SECRET": ""}
    other = settings | {"SLACK_APP_TOKEN": "xapp-of-another-app"}

    assert (await find(settings, "SLACK_SIGNING_SECRET")).level == OK
    assert (await find(settings, "SLACK_APP_TOKEN")).says == "opens Socket Mode"
    refused = await find(other, "SLACK_APP_TOKEN")
    assert (refused.level, "connections:write" in refused.fix) == (WRONG, True)


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    ("status", "level"), [(400, OK), (402, OK), (404, WARNING), (401, WRONG), (403, WRONG)]
)
async def test_an_unknown_meeting_means_that_videosdk_accepts_the_key(
    status: int,
    level: str,
    version: str,
    settings: dict[str, str],
    videosdk_standin: VideoSDKStandIn,
) -> None:
    videosdk_standin.faults.always(Fault(status, b"{}"))

    found = await find(settings | {"VIDEOSDK_API_VERSION": version}, "VIDEOSDK_API_KEY")

    assert found.level == level
    assert not videosdk_standin.meetings


async def test_a_wrong_videosdk_secret_is_reported_and_never_quoted(
    settings: dict[str, str], videosdk_standin: VideoSDKStandIn
) -> None:
    wrong = await find(settings | {"VIDEOSDK_SECRET_KEY": "another-key"}, "VIDEOSDK_API_KEY")
    videosdk_standin.faults.always(Fault(500, f"bad {SECRET_KEY}".encode()))
    broken = await find(settings, "VIDEOSDK_API_KEY")

    assert (wrong.level, "api-keys" in wrong.fix) == (WRONG, True)
    assert (broken.level, broken.says) == (WRONG, "VideoSDK can't be reached: bad …")


async def test_a_check_that_hangs_times_out(
    settings: dict[str, str], videosdk_standin: VideoSDKStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    videosdk_standin.faults.always(PRESETS["hang"][1])
    monkeypatch.setattr(report, "DEADLINE", 0.3)

    found = await find(settings, "VIDEOSDK_API_KEY")

    assert (found.level, found.says) == (WRONG, "no answer within 0.3 seconds")
    assert found.ms >= 300


@pytest.mark.parametrize(
    ("off", "level", "says"),
    [
        (0, OK, "agrees"),
        (200, WARNING, "seconds ahead of"),
        (-200, WARNING, "seconds behind"),
        (4000, WRONG, "seconds ahead of"),
        (None, WARNING, "can't be checked"),
    ],
)
async def test_the_clock_is_compared_with_videosdks(
    off: int | None,
    level: str,
    says: str,
    settings: dict[str, str],
    videosdk_standin: VideoSDKStandIn,
) -> None:
    date = "soon" if off is None else formatdate(time.time() - off, usegmt=True)
    videosdk_standin.faults.always(Fault(400, b"{}", headers={"Date": date}))

    found = await find(settings, "clock")

    assert (found.level, says in found.says) == (level, True)


async def test_without_videosdk_the_clock_cannot_be_checked(
    settings: dict[str, str],
) -> None:
    settings |= {"VIDEOSDK_API_ENDPOINT": NOBODY}

    assert (await find(settings, "VIDEOSDK_API_KEY")).level == WRONG
    assert (await find(settings, "clock")).level == WARNING


@pytest.mark.parametrize("other", [{"VIDEOSDK_SECRET_KEY": "another-key"}, {"PUBLIC_URL": ""}])
async def test_another_bot_at_the_public_address_is_recognised(
    other: dict[str, str], live_settings: LiveSettings
) -> None:
    settings = live_settings.environment(free_port())

    async with open_bot(Settings.from_env(settings | other)):
        found = await find(settings, "PUBLIC_URL")

    assert (found.level, "not as this bot" in found.says) == (WRONG, True)


async def test_a_public_address_that_leads_elsewhere_is_wrong(settings: dict[str, str]) -> None:
    async with serving(web.Application()) as elsewhere:
        found = await find(settings | {"PUBLIC_URL": elsewhere}, "PUBLIC_URL")

    assert found.level == WRONG
    assert found.says.endswith("answers with status 404")


async def test_an_unreadable_address_is_a_finding_too(settings: dict[str, str]) -> None:
    found = await find(settings | {"PUBLIC_URL": "https://a..b"}, "PUBLIC_URL")

    assert found.level == WRONG
    assert found.says.startswith("can't be checked")


async def test_notes_are_proven_by_a_call_and_need_live_cards(
    settings: dict[str, str], slack_standin: SlackStandIn
) -> None:
    settings |= {"NOTES": "transcript"}
    assert (await find(settings, "NOTES")).level == WARNING

    settings |= {"PUBLIC_URL": NOBODY, "VIDEOSDK_API_VERSION": "v2"}
    assert (await find(settings, "NOTES")).level == UNPROVEN
    slack_standin.scopes = {"commands", "calls:write"}
    assert "lacks chat:write" in (await find(settings, "scopes")).says
    assert (await find(settings, "scopes")).level == WRONG
