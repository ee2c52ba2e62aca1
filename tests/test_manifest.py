"""A deployment's manifest differs from the file only where it should."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from bot.__main__ import main
from bot.manifest import MANIFEST, scopes

EVENTS = "https://bot.example.org/slack/events"
ADDRESSES = {
    "features.slash_commands.0.url",
    "features.slash_commands.1.url",
    "settings.event_subscriptions.request_url",
    "settings.interactivity.request_url",
}
REDIRECT = "oauth_config.redirect_urls.0"
WITH_ADDRESS = dict.fromkeys(ADDRESSES, EVENTS) | {
    REDIRECT: "https://bot.example.org/slack/oauth_redirect"
}


def flat(value: Any, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield every value of a document, with its path."""
    if not isinstance(value, dict | list):
        yield path.removeprefix("."), value
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield from flat(inner, f"{path}.{key}")


IN_FILE = dict(flat(yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))))


def printed(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, object]:
    """Return where the command's output differs from the file; None means removed."""
    assert main(["manifest", *options]) == 0
    text = capsys.readouterr().out
    left_out = set(re.findall("#.*", MANIFEST.read_text(encoding="utf-8"))) - set(
        re.findall("#.*", text)
    )
    assert all("install the app" in comment for comment in left_out)
    values = dict(flat(yaml.safe_load(text)))
    paths = {path for path, _ in values.items() ^ IN_FILE.items()}
    return {path: values.get(path) for path in paths}


@pytest.fixture(autouse=True)
def _no_dotenv(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "https://bot.example.org",
        "https://bot.example.org/",
        "bot.example.org",
        " https://bot.example.org/slack/events ",
        "https://bot.example.org/slack/install?from=mail#top",
        "https://bot.example.org/slack/oauth_redirect/",
        "https://bot.example.org/healthz",
        "https://bot.example.org/join/eyJhbGciOiJIUzI1NiJ9.e30.x",
    ],
)
def test_any_url_of_the_bot_sets_all_urls_in_the_manifest(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(capsys, "--url", url) == WITH_ADDRESS


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://example.org/meet/slack/events", "https://example.org/meet"),
        ("http://127.0.0.1:3000/", "http://127.0.0.1:3000"),
        ("localhost:3000", "https://localhost:3000"),
    ],
)
def test_an_address_keeps_its_path_and_its_port(
    url: str, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = printed(capsys, "--url", url)

    assert changes[REDIRECT] == f"{own}/slack/oauth_redirect"
    assert {changes[address] for address in ADDRESSES} == {f"{own}/slack/events"}


def test_socket_mode_needs_no_urls(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "--socket") == {
        **dict.fromkeys([*ADDRESSES, REDIRECT]),
        "settings.socket_mode_enabled": True,
    }


def test_the_commands_are_renamed_in_both_places_and_in_the_description(
    capsys: pytest.CaptureFixture[str],
) -> None:
    changes = printed(capsys, "--url", "https://meet.example.com", "--command", "/vmeet")

    assert changes == {
        "display_information.description": "Start and check video meetings with /vmeet and "
        "/vmeet-check.",
        "features.slash_commands.0.command": "/vmeet",
        "features.slash_commands.1.command": "/vmeet-check",
    }


def test_missing_options_come_from_the_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAILWAY_PUBLIC_DOMAIN", "bot.example.org")
    monkeypatch.setenv("SLACK_COMMAND", "/zoom")
    by_http = printed(capsys)
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    by_socket = printed(capsys, "--command", "/meet")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    output = printed(capsys, "--url", "https://bot.example.org", "--command", "/meet")

    assert by_http["features.slash_commands.1.command"] == "/zoom-check"
    assert by_http["settings.interactivity.request_url"] == EVENTS
    assert by_socket["settings.socket_mode_enabled"] is True
    assert by_socket[REDIRECT] == WITH_ADDRESS[REDIRECT]
    assert output == WITH_ADDRESS


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "--socket"),
        (["--url", "http://bot.example.org"], "must begin with https://"),
        (["--url", "https://bot.example.org or so"], "isn't an address"),
        (["--url", "https://your-meet.example.com"], "is a placeholder"),
        (["--socket", "--command", "meet"], "slash"),
        (["--socket", "--command", "/meet: {}"], "slash"),
    ],
)
def test_bad_options_are_one_sentence(
    options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["manifest", *options]) == 2

    output = capsys.readouterr()
    assert output.out == ""
    assert says in output.err
    assert len(output.err.splitlines()) == 1


def test_the_scopes_are_those_of_the_file() -> None:
    asked = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["oauth_config"]["scopes"]["bot"]

    assert scopes() == asked
