"""The command line."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.serving import log_address, log_notes
from bot.settings.public_address import TURN_ON_JOIN, public_address
from bot.settings.settings import Settings
from bot.telemetry.logs import LineFormatter
from tests.conftest import ROOT, environment


def test_an_unknown_command_prints_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fly"])

    assert ended.value.code == 2
    assert "python -m bot" in capsys.readouterr().err


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    output = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(
        f"    {command} " in output for command in ("sandbox", "doctor", "manifest", "migrate")
    )


def test_migrate_says_what_it_did_or_could_not_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    many = {
        "SLACK_BOT_TOKEN": None,
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "made-up-s3cret",
        "TOKEN_KEYS": "5a" * 32,
        "PUBLIC_URL": "https://bot.example.org",
        "DATABASE_URL": "postgres://bot:hunter2@127.0.0.1:1/bot",
    }
    outputs = []
    for settings, code in (({}, 2), (environment(), 0), (environment(**many), 1)):
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        assert main(["migrate", "--reencrypt"]) == code
        outputs.append("".join(capsys.readouterr()))

    assert "VIDEOSDK_API_KEY is missing" in outputs[0]
    assert "Nothing to do" in outputs[1]
    assert "Check DATABASE_URL" in outputs[2]
    assert "hunter2" not in outputs[2]


def printed_by(program: str) -> str:
    """Return the output of a Python program."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout.strip()


def test_the_videosdk_client_leaves_pyjwt_complete_for_other_programs() -> None:
    assert (
        printed_by(
            "import bot.videosdk, jwt; print('RS256' in jwt.algorithms.get_default_algorithms())"
        )
        == "True"
    )


def test_a_serving_bot_imports_pyjwt_without_cryptography_but_can_use_it() -> None:
    program = """
import bot.__main__, bot.app, jwt
small = "RS256" not in jwt.algorithms.get_default_algorithms()
from cryptography.fernet import Fernet
print(small, bool(Fernet.generate_key()))
"""
    assert printed_by(program) == "True True"


def test_an_address_and_socket_mode_exclude_each_other() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["manifest", "--socket", "--url", "https://bot.example.org"])

    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"FLY_APP_NAME": "lighthouse-meet"},
            {"url": "https://lighthouse-meet.fly.dev", "source": "FLY_APP_NAME"},
        ),
        ({"PUBLIC_URL": "https://bot.example.org", "FLY_APP_NAME": "x"}, {"source": "PUBLIC_URL"}),
        ({}, {"event": "cards have no Join button", "fix": TURN_ON_JOIN}),
        ({"JOIN_URL_TEMPLATE": "https://m.example/{meeting_id}"}, {}),
    ],
)
def test_the_log_says_where_the_public_address_comes_from_or_how_to_set_it(
    changes: dict[str, str], expected: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    environ = environment(**changes)
    log_address(Settings.from_env(environ), public_address(environ)[1])

    lines = [json.loads(LineFormatter().format(record)) for record in caplog.records]
    assert len(lines) == bool(expected)
    assert all(expected.items() <= line.items() for line in lines)


def test_notes_without_a_button_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log_notes(Settings.from_env(environment(NOTES="transcript")))
    on = environment(NOTES="transcript", VIDEOSDK_API_VERSION="v2", PUBLIC_URL="https://b.example")
    log_notes(Settings.from_env(on))
    log_notes(Settings.from_env(environment()))

    assert [record.message for record in caplog.records] == ["cards have no Take notes button"]
