"""The command prints a report that is safe to post in public."""

import asyncio
import json
import re

import httpx
import pytest

from bot.__main__ import main
from bot.assumptions.answers import Answer
from bot.assumptions.report import run
from bot.sandbox.faults import PRESETS, Fault
from tests.assumptions.conftest import MAYA, Services
from tests.conftest import API_KEY, BOT_TOKEN, SECRET_KEY, SIGNING_SECRET, until
from tests.process import bot_process

SECRETS = (API_KEY, SECRET_KEY, SIGNING_SECRET, BOT_TOKEN)
PRIVATE = ("Maya", "Lighthouse", "eyJ")


def is_clean(text: str) -> bool:
    """Return whether a report has no secrets and nothing that identifies people."""
    return not any(word in text for word in SECRETS + PRIVATE)


async def test_the_command_checks_everything_and_exits_with_0(services: Services) -> None:
    settings = services.environment("v2")

    async with bot_process(settings, "doctor", "--live", "--as", MAYA, covered=True) as process:
        assert process.process.stdout
        printed = (await process.process.stdout.read()).decode()
        code = await process.process.wait()

    *lines, last = printed.splitlines()
    outcomes = {re.split(r" {2,}", line)[0] for line in lines if not line.startswith(" ")}
    assert (code, process.printed) == (0, "")
    assert outcomes == {"as assumed", "by hand"}
    assert last == "As assumed: 38, different: 0, not tried: 0."
    assert is_clean(printed)


async def test_a_difference_is_shown_with_the_answers_and_exits_with_1(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    quoting = f'{{"error": "no {SECRET_KEY}", "user": "Maya"}}'.encode()
    services.videosdk.faults.always(Fault(422, quoting), "GET /v2/rooms/validate")
    services.videosdk.faults.always(Fault(500, b"<h1>Sorry</h1>"), "/v2/rooms/deactivate")

    code = await run(services.environment("v2"), created_by=MAYA, as_json=False)

    printed = capsys.readouterr().out
    assert code == 1
    assert re.search(
        r"^different    room-unknown: An unknown room .*\(status 422\)\n"
        r' {13}GET /v2/rooms/validate/\S+ → 422 {"error": "no …", "user": "aaaa"}\n'
        r" {13}Source: npm @videosdk",
        printed,
        re.MULTILINE,
    )
    assert '→ 500 "<h1>Sorry</h1>"\n' in printed
    assert re.search(r"^left behind  VideoSDK's room \S+ \(status 500\)$", printed, re.MULTILINE)
    assert is_clean(printed)


async def test_json_has_every_answer_without_names_and_secrets(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    code = await run(services.environment("v1"), created_by=None, as_json=True)

    printed = capsys.readouterr().out
    report = json.loads(printed)
    by_id = {one["id"]: one for one in report["assumptions"]}
    [listing] = by_id["session-entries"]["answers"]
    [person] = listing["body"]["data"][0]["participants"]
    assert (code, report["ok"], report["left_behind"]) == (0, True, [])
    assert report["videosdk_api_version"] == "v1"
    assert listing["request"] == "GET /v1/meeting-sessions?page=1&perPage=2"
    assert (listing["status"], person["name"]) == (200, "aaaa aaaaaa")
    assert by_id["meeting-unknown"]["answers"][0]["body"]["error"] == "Room not found."
    assert by_id["call-add"]["outcome"] == "not tried"
    assert {one["id"] for one in report["by_hand"]} >= {"click-message"}
    assert is_clean(printed)


async def test_an_interrupted_run_cleans_up_too(services: Services) -> None:
    services.slack.faults.always(PRESETS["hang"][1], "calls.participants.add")
    settings = services.environment("v2")
    run_ = asyncio.create_task(run(settings, created_by=MAYA, as_json=True))
    await until(lambda: "calls.participants.add" in dict(services.slack.api_calls))

    run_.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run_

    assert all(call.ended_at for call in services.slack.workspace.calls.by_id.values())
    assert [one["disabled"] for one in services.videosdk.meetings.values() if "disabled" in one]


def test_wrong_settings_are_the_only_output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "hunter2")

    code = main(["doctor", "--live"])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert "VIDEOSDK_SECRET_KEY is missing" in said.err
    assert "hunter2" not in said.err


def test_long_lists_and_texts_are_cut() -> None:
    response = httpx.Response(200, json={"ids": ["x" * 99] * 5, "status": "ended"})

    body = Answer.of("GET /", response).report()["body"]

    assert body == {"ids": ["a" * 60] * 3 + ["… 2 more"], "status": "ended"}
