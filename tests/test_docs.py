"""README, .env.example, manifest, Procfile and code say the same."""

import dataclasses
import re
import tomllib
from typing import Any

import pytest
import yaml
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.links import SignedLinks
from bot.settings import EMBED_URL, Settings, SettingsError
from bot.slack.calls import Calls
from bot.slack.guard import Guard
from bot.slack.listeners import UNKNOWN_COMMAND, commands
from bot.slack.live import LiveCards
from bot.slack.shortcuts import SHORTCUTS
from bot.slack.words import CAUSES
from bot.videosdk import REGIONS, VideoSDK
from bot.web.health import Health
from bot.web.join import JoinPage
from bot.web.routes import build_web
from bot.web.slack import SlackEvents
from bot.web.webhooks import Webhooks
from tests.conftest import API_KEY, BOT_TOKEN, ROOT, SECRET_KEY, SIGNING_SECRET, environment

README = (ROOT / "README.md").read_text()
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())


def section(title: str) -> str:
    """Return the README's section of this title."""
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def settings_in_code() -> dict[str, object]:
    """Return every environment variable that the settings are read from, with its default."""
    fields = {field.name.upper(): field for field in dataclasses.fields(Settings)}
    del fields["HOST"]
    return {name: field.default for name, field in fields.items()}


def test_the_readme_lists_every_setting_and_its_default() -> None:
    documented = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", section("Settings"), re.MULTILINE))

    known = dict.fromkeys(settings_in_code(), "required")
    known |= {name: "unset" for name, value in settings_in_code().items() if value is None}
    known |= {name: f"`{v}`" for name, v in settings_in_code().items() if isinstance(v, str | int)}
    known |= {"SLACK_SIGNING_SECRET": "required without `SLACK_APP_TOKEN`"}
    known |= {"VIDEOSDK_REGIONS": "unset"}
    assert documented == known


def test_the_example_environment_has_every_setting_and_no_other() -> None:
    names = re.findall(r"^(?:# )?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(names) == sorted(settings_in_code())


def test_every_optional_example_is_a_valid_value() -> None:
    lines = re.findall(r"^# (\w+)=(.+)$", (ROOT / ".env.example").read_text(), re.MULTILINE)

    examples = {name: value for name, value in lines if "…" not in value}
    assert Settings.from_env(environment(**examples)).videosdk_regions["uk001"] == "London, GB"


def test_a_setting_that_is_not_documented_is_not_read() -> None:
    with pytest.raises(SettingsError) as told:
        Settings.from_env({})

    assert set(re.findall(r"^  ([A-Z_]+) is missing", str(told.value), re.MULTILINE)) <= set(
        settings_in_code()
    )


def test_manifest_and_code_have_the_same_commands() -> None:
    slash = MANIFEST["features"]["slash_commands"]

    assert [(c["command"], c["usage_hint"], c["description"]) for c in slash] == [
        (c.command, c.hint, c.description) for c in commands("/meet")
    ]
    assert all(c["should_escape"] is False for c in slash)


def test_manifest_and_code_have_the_same_shortcuts() -> None:
    assert MANIFEST["features"]["shortcuts"] == [dataclasses.asdict(s) for s in SHORTCUTS]


def test_every_address_of_the_manifest_is_the_endpoint() -> None:
    addresses = {c["url"] for c in MANIFEST["features"]["slash_commands"]}
    addresses.add(MANIFEST["settings"]["interactivity"]["request_url"])

    assert {address.removeprefix("https://meet.example.com") for address in addresses} == {
        "/slack/events"
    }


def test_the_manifest_asks_for_no_more_than_it_needs() -> None:
    assert MANIFEST["oauth_config"]["scopes"] == {"bot": ["commands", "calls:write"]}
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True


def test_the_readme_lists_every_route() -> None:
    documented = re.findall(r"^\| `(GET|POST) (/\S*)` \|", section("Deploy it"), re.MULTILINE)

    endpoint = SlackEvents(AsyncApp(signing_secret="", token=BOT_TOKEN), Guard(SIGNING_SECRET))
    links = SignedLinks("https://bot.example.com", b"k" * 32)
    videosdk = VideoSDK(API_KEY, SECRET_KEY)
    page = JoinPage(links, videosdk, EMBED_URL)
    webhooks = Webhooks(links, videosdk, LiveCards(Calls(AsyncWebClient()), videosdk))
    routes = build_web(Health(), endpoint, page, webhooks).router.routes()
    served = {(r.method, r.resource.canonical) for r in routes if r.resource}
    assert {(method, path) for method, path in served if method != "HEAD"} == set(documented)


def test_the_readme_explains_failures_in_the_bots_own_words() -> None:
    explained = re.findall(
        r"^\| \*(.+?)(?: …)?\* \|", section("When something fails"), re.MULTILINE
    )

    said = [cause for cause, _ in CAUSES.values()] + [UNKNOWN_COMMAND]
    assert all(any(text.startswith(words) for text in said) for words in explained)
    assert len(explained) >= 5


def test_the_readme_shows_every_command() -> None:
    shown = re.findall(r"^\| `(/[\w-]+)", section("The commands"), re.MULTILINE)

    assert set(shown) == {command.command for command in commands("/meet")}


def test_the_readme_names_every_region() -> None:
    assert set(re.findall(r"`([a-z]{2}\d{3})`", section("The commands"))) == set(REGIONS)


def test_the_procfile_starts_the_bot() -> None:
    assert (ROOT / "Procfile").read_text() == "web: python -m bot\n"


def test_hosts_find_one_lock_file_and_a_python_version_and_nothing_that_they_refuse() -> None:
    refused = ["runtime.txt", "Pipfile", "Pipfile.lock", "poetry.lock", "uv.lock", "setup.py"]

    assert [name for name in refused if (ROOT / name).exists()] == []
    assert re.fullmatch(r"3\.1[1-4]\n", (ROOT / ".python-version").read_text())


def test_every_requirement_is_pinned_with_hashes_and_names_no_registry() -> None:
    text = (ROOT / "requirements.txt").read_text()
    pinned = re.findall(r"^([\w-]+)==\S+ \\\n    --hash=sha256:", text, re.MULTILINE)
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]

    assert "://" not in text
    assert len(pinned) == len(re.findall(r"^[\w-]+", text, re.MULTILINE))
    assert {re.split(r"[\[><=]", name)[0] for name in wanted} <= set(pinned)
