"""The log has one line per event, with its facts as fields and without secrets."""

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from bot.telemetry import logs
from tests.conftest import BOT_TOKEN

LOG = logging.getLogger("bot.test")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A stream that gets the log; logging is reset afterwards."""
    root, own = logging.getLogger(), logging.getLogger("bot")
    handlers, levels = root.handlers[:], (root.level, own.level)
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    own.setLevel(levels[1])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def line_of(stream: io.StringIO) -> dict[str, object]:
    """Parse the only line of the log."""
    [line] = stream.getvalue().splitlines()
    return dict(json.loads(line))


def fail() -> None:
    raise KeyError(f"token={BOT_TOKEN}")


def test_json_has_the_event_and_its_facts_as_fields(stream: io.StringIO) -> None:
    logs.configure("INFO", "json", stream)

    LOG.info("answered", extra={"listener": "meet", "ms": 12, "room": "größer"})

    line = line_of(stream)
    time = datetime.fromisoformat(str(line.pop("time")))
    assert abs((datetime.now(UTC) - time).total_seconds()) < 60
    assert line == {
        "level": "INFO",
        "logger": "bot.test",
        "event": "answered",
        "listener": "meet",
        "ms": 12,
        "room": "größer",
    }


def test_text_is_formatted_for_people(stream: io.StringIO) -> None:
    logs.configure("INFO", "text", stream)

    LOG.warning("videosdk call failed", extra={"status": 500, "cause": "VideoSDKBrokenError"})

    assert re.fullmatch(
        r"\d\d:\d\d:\d\d warning videosdk call failed status=500 cause=VideoSDKBrokenError\n",
        stream.getvalue(),
    )


@pytest.mark.parametrize("style", ["json", "text"])
def test_every_line_about_an_answer_has_its_reference(stream: io.StringIO, style: str) -> None:
    logs.configure("INFO", style, stream)
    token = logs.reference.set("0a1b2c3d")

    LOG.info("answered")
    logs.reference.reset(token)
    LOG.info("stopped")

    first, second = stream.getvalue().splitlines()
    assert "0a1b2c3d" in first
    assert "reference" not in second


def test_every_line_about_a_request_has_its_id(stream: io.StringIO) -> None:
    logs.configure("INFO", "json", stream)
    token = logs.request.set({"request_id": "9d2b7c1e", "slack_retry": "1"})

    LOG.info("answered")
    logs.request.reset(token)

    line = line_of(stream)
    assert (line["request_id"], line["slack_retry"]) == ("9d2b7c1e", "1")


@pytest.mark.parametrize("style", ["json", "text"])
def test_the_deployments_own_secrets_are_masked_by_value(stream: io.StringIO, style: str) -> None:
    secret = "a\\b+c/d=" * 2
    logs.configure("INFO", style, stream, secrets=[secret])

    LOG.info("sent %s", secret, extra={"page": f"https://x.example/{quote(secret, safe='')}"})

    assert "a\\" not in stream.getvalue()
    assert "a%5C" not in stream.getvalue()


@pytest.mark.parametrize("style", ["json", "text"])
def test_a_trace_is_written_without_its_secrets(stream: io.StringIO, style: str) -> None:
    logs.configure("INFO", style, stream)

    try:
        fail()
    except KeyError:
        LOG.exception("listener failed", extra={"slack_token": BOT_TOKEN})

    written = stream.getvalue()
    assert "Traceback" in written
    assert "in fail" in written
    assert BOT_TOKEN[5:] not in written


@pytest.mark.parametrize("text", [f'"token": "{BOT_TOKEN}"', 'a\\"token=b\\"', "line\nbreak\u2028"])
def test_whatever_is_logged_is_one_line_of_json(stream: io.StringIO, text: str) -> None:
    logs.configure("INFO", "json", stream)

    LOG.info("%s", text, extra={"detail": text, "cause": ValueError(text)})

    assert stream.getvalue().count("\n") == 1
    assert json.loads(stream.getvalue())["level"] == "INFO"


@pytest.mark.parametrize("style", ["json", "text"])
@pytest.mark.parametrize("field", ["detail", "reason", "type"])
@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("name must be unique (code 400)", "name must be unique (code 400)"),
        ("a\nb\x1b[31mc\u202ed\u2028e", "a b?[31mc?d e"),
        ("<img src=x> ${jndi:ldap} `id`", "?img src=x? ??jndi:ldap? ?id?"),
        ("Straße", "Stra?e"),
        ("x" * 5000, "x" * 200 + "…"),
        ("y" * 190 + " " + "hunter2-" * 4, "y" * 190 + " …"),
        (None, "None"),
    ],
)
def test_foreign_text_is_logged_as_a_short_line_of_plain_characters(
    stream: io.StringIO, style: str, field: str, said: str | None, written: str
) -> None:
    logs.configure("INFO", style, stream, secrets=["hunter2-" * 4])

    LOG.warning("failed", extra={field: said})

    assert f"{field}={written}\n" in stream.getvalue() or line_of(stream)[field] == written


def test_by_default_a_terminal_gets_text_and_a_host_json(stream: io.StringIO) -> None:
    terminal = Terminal()
    logs.configure("INFO", "auto", terminal)
    LOG.info("serving")
    logs.configure("INFO", "auto", stream)
    LOG.info("serving")

    assert terminal.getvalue().endswith("serving\n")
    assert line_of(stream)["event"] == "serving"


@pytest.mark.parametrize(
    ("level", "written"), [("DEBUG", ["own", "library"]), ("ERROR", []), ("WARNING", ["library"])]
)
def test_libraries_log_warnings_and_above_but_never_below_the_level(
    stream: io.StringIO, level: str, written: list[str]
) -> None:
    logs.configure(level, "json", stream)

    LOG.debug("own")
    logging.getLogger("aiosqlite").debug("what goes into the database")
    logging.getLogger("slack_bolt").info("a whole body")
    logging.getLogger("httpx").warning("library")

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == written


def test_an_unraisable_exception_is_one_log_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unlucky:
        def __del__(self) -> None:
            raise TypeError("hunter2")

    logs.configure("INFO", "json", sys.stderr)
    monkeypatch.setattr(sys, "unraisablehook", logs.note_unraisable)

    Unlucky()

    [line] = capsys.readouterr().err.splitlines()
    assert (json.loads(line)["event"], json.loads(line)["cause"]) == (
        *("exception ignored", "TypeError"),
    )
