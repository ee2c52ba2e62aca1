"""README, docs, .env.example, manifest, hosts' files and code agree."""

import asyncio
import dataclasses
import json
import logging
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_bolt.async_app import AsyncApp
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot import __version__
from bot.links import SignedLinks
from bot.manifest import scopes
from bot.sandbox.slack.standin import SlackStandIn
from bot.settings.settings import EMBED_URL, SLACK_API, Settings, SettingsError
from bot.slack.calls import Calls
from bot.slack.joining import PlainJoining
from bot.slack.listeners.shortcuts import SHORTCUTS
from bot.slack.live_cards import LiveCards
from bot.slack.notes.notes import Notes
from bot.slack.notes.options import TranscriptionOptions
from bot.slack.notes.replies import Replies
from bot.slack.one_workspace import OneWorkspace
from bot.slack.wording import notes as notes_words
from bot.slack.wording.commands import UNKNOWN_COMMAND, commands
from bot.slack.wording.errors import CAUSES, NOT_INSTALLED
from bot.slack.wording.invited import NOT_ALLOWED, NOT_SENT, UNKNOWN
from bot.telemetry.logs import LineFormatter
from bot.telemetry.metrics import PrometheusMetrics
from bot.videosdk import FILE_HOSTS, REGIONS, VideoSDK
from bot.web import routes
from bot.web.guard import Guard
from bot.web.health import Health
from bot.web.install.flow import InstallPages
from bot.web.install.slack_app import SlackApp
from bot.web.join.page import JoinPage
from bot.web.metrics import MetricsPage
from bot.web.sign_in.flow import SignIn
from bot.web.slack import SlackEvents
from bot.web.webhooks import NotesWebhooks, SignedEvents, Webhooks
from tests.conftest import API_KEY, BOT_TOKEN, ROOT, SECRET_KEY, SIGNING_SECRET, environment

README = (ROOT / "README.md").read_text(encoding="utf-8")
WORDS = 1500  # words in the README: five minutes of reading
HOSTS = (ROOT / "docs" / "hosts.md").read_text(encoding="utf-8")
BLUEPRINT: dict[str, Any] = yaml.safe_load((ROOT / "render.yaml").read_text(encoding="utf-8"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
DOCKERFILE = ".docker/Dockerfile"
APP: dict[str, Any] = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))
PLACEHOLDERS = ["SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_APP_TOKEN", "PUBLIC_URL"]
YOUR_FILES = ["SSL_CERT_FILE"]
PROCFILE = dict(
    line.split(": ") for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
)
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))


def document(name: str) -> str:
    """Return one of docs/."""
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def section(title: str, text: str = README) -> str:
    """Return a document's section of this title."""
    return text.split(f"\n## {title}\n")[1].split("\n## ", maxsplit=1)[0]


def documented_settings() -> list[tuple[str, str]]:
    """Return every setting in the table, with its default."""
    table = document("settings").split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \| (.+?) \|", table, re.MULTILINE)


def settings_in_code() -> dict[str, object]:
    """Return every environment variable that the code reads, with its default."""
    fields = {field.name.upper(): field for field in dataclasses.fields(Settings)}
    fields["BIND_HOST"] = fields.pop("HOST")
    return {name: field.default for name, field in fields.items()}


def test_the_readme_takes_five_minutes_to_read() -> None:
    assert len(README.split()) <= WORDS


def test_the_documents_list_every_setting_and_its_default() -> None:
    documented = dict(documented_settings())

    known = dict.fromkeys(settings_in_code(), "required")
    known |= {name: "unset" for name, value in settings_in_code().items() if value is None}
    known |= {name: f"`{v}`" for name, v in settings_in_code().items() if isinstance(v, str | int)}
    known |= {"SLACK_SIGNING_SECRET": "required without `SLACK_APP_TOKEN`"}
    known |= {"VIDEOSDK_REGIONS": "unset", "VIDEOSDK_FILE_HOSTS": f"`{','.join(FILE_HOSTS)}`"}
    known |= dict.fromkeys(["SLACK_BOT_TOKEN", "SLACK_CLIENT_ID"], "one of these two")
    known |= dict.fromkeys(["SLACK_CLIENT_SECRET", "TOKEN_KEYS"], "with `SLACK_CLIENT_ID`")
    assert documented == known


def test_the_example_environment_has_every_setting_and_no_other() -> None:
    names = re.findall(
        r"^(?:# )?(\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert sorted(names) == sorted(settings_in_code())


def test_every_optional_example_is_a_valid_value() -> None:
    lines = re.findall(
        r"^# (\w+)=(.+)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE
    )

    examples = {name: value for name, value in lines if name not in PLACEHOLDERS + YOUR_FILES}
    assert Settings.from_env(environment(**examples)).videosdk_regions["uk001"] == "London, GB"
    many = {
        "SLACK_CLIENT_ID": "123.456",
        "SLACK_CLIENT_SECRET": "0f" * 16,
        "TOKEN_KEYS": "0f" * 32,
        "PUBLIC_URL": "https://bot.example.org",
    }
    settings = Settings.from_env(environment(**examples, **many, SLACK_BOT_TOKEN=None))
    assert settings.database_url.startswith("postgres://")


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_an_example_left_unchanged_is_rejected(name: str) -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    [value] = re.findall(rf"^(?:# )?{name}=(.+)$", text, re.MULTILINE)

    with pytest.raises(SettingsError, match=rf"(?m)^  {name} is a placeholder"):
        Settings.from_env(environment(**{name: value}))


def test_every_setting_that_is_read_is_documented() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({})

    assert set(re.findall(r"^  ([A-Z_]+) is missing", str(raised.value), re.MULTILINE)) <= set(
        settings_in_code()
    )


def test_manifest_and_code_have_the_same_commands() -> None:
    slash = MANIFEST["features"]["slash_commands"]

    assert [(c["command"], c["usage_hint"], c["description"]) for c in slash] == [
        (c.command, c.hint, c.description) for c in commands("/meet")
    ]
    assert [c["should_escape"] for c in slash] == [True, False]


def test_manifest_and_code_have_the_same_shortcuts() -> None:
    assert MANIFEST["features"]["shortcuts"] == [dataclasses.asdict(s) for s in SHORTCUTS]


def test_every_url_in_the_manifest_is_the_endpoint() -> None:
    addresses = {c["url"] for c in MANIFEST["features"]["slash_commands"]}
    addresses.add(MANIFEST["settings"]["interactivity"]["request_url"])
    addresses.add(MANIFEST["settings"]["event_subscriptions"]["request_url"])

    assert {address.removeprefix("https://meet.example.com") for address in addresses} == {
        "/slack/events"
    }
    assert MANIFEST["oauth_config"]["redirect_urls"] == [
        "https://meet.example.com/slack/oauth_redirect",
        "https://meet.example.com/slack/sign_in",
    ]
    assert MANIFEST["features"]["unfurl_domains"] == ["meet.example.com"]


def test_the_manifest_requests_no_more_scopes_than_needed() -> None:
    optional = ["chat:write", "chat:write.public", "links:read", "links:write"]
    assert MANIFEST["oauth_config"]["scopes"] == {
        "bot": ["commands", "calls:write", *optional],
        "bot_optional": optional,
        "user": ["openid", "profile"],
    }
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True


async def save(_: Installation) -> None:
    """Keep no installation."""


async def yes() -> bool:
    """Return that all is well."""
    return True


def test_the_documents_list_every_route() -> None:
    addresses = section("Addresses", HOSTS)
    documented = re.findall(r"^\| `(GET|POST) (/\S*)` \|", addresses, re.MULTILINE)

    endpoint = SlackEvents(AsyncApp(signing_secret="", token=BOT_TOKEN), Guard(SIGNING_SECRET))
    links = SignedLinks("https://bot.example.com", b"k" * 32)
    videosdk = VideoSDK(API_KEY, SECRET_KEY)
    page = JoinPage(links, videosdk, PlainJoining(), EMBED_URL, "/meet")
    live = LiveCards(Calls(OneWorkspace(AsyncWebClient())), videosdk)
    notes = Notes(
        videosdk, links, Replies(OneWorkspace(AsyncWebClient())), TranscriptionOptions("prompt")
    )
    app = SlackApp("1.2", "s", scopes(), "/meet", "https://bot.example.com", SLACK_API)
    install = InstallPages(app, AsyncWebClient(), FileOAuthStateStore(expiration_seconds=1), save)
    metrics = MetricsPage(PrometheusMetrics(), "m" * 16)
    events = SignedEvents(videosdk)
    everything = [
        *routes.for_the_host(Health(yes, yes)),
        *routes.for_installs(install),
        *routes.for_slack(endpoint),
        *routes.for_joining(page),
        *routes.for_signing_in(SignIn(app, AsyncWebClient(), links, b"m", b"f")),
        *routes.for_videosdk(Webhooks(links, events, live, notes)),
        *routes.for_notes(NotesWebhooks(links, events, notes)),
        *routes.for_prometheus(metrics),
    ]
    assert {(one.method, one.path) for one in everything} == set(documented)


def test_the_documents_explain_failures_in_the_bots_own_words() -> None:
    explained = re.findall(r"^\| \*(.+?)(?: …)?\* \|", document("troubleshooting"), re.MULTILINE)

    said = [cause for cause, _ in CAUSES.values()] + [UNKNOWN_COMMAND, NOT_INSTALLED]
    said += [notes_words.NO_PLAN, notes_words.NO_BETA, notes_words.FOREIGN, notes_words.OTHERS]
    said += [UNKNOWN, NOT_SENT, NOT_ALLOWED]
    assert all(any(text.startswith(words) for text in said) for words in explained)
    assert len(explained) >= 5


def test_the_documents_name_every_metric_and_its_labels() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*)\|", document("monitoring"), re.MULTILINE)

    metrics = PrometheusMetrics()
    counted = {
        f"{family.name}_total" if family.type == "counter" else family.name: family
        for family in metrics._registry.collect()
    }
    labels = [
        *(metrics._requests, metrics._acks, metrics._upstream),
        *(metrics._webhooks, metrics._cards, metrics._joins, metrics._installs),
    ]
    documented = {name: tuple(re.findall(r"`(\w+)`", given)) for name, given in rows}
    assert documented.keys() == counted.keys()
    assert list(documented.values()) == [metric._labelnames for metric in labels]


async def test_the_documents_show_a_line_of_the_log_with_its_fields(
    slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    [shown] = re.findall(r"^```json\n(.+?)^```", document("monitoring"), re.MULTILINE | re.DOTALL)
    caplog.set_level(logging.INFO)

    await slack.command("/meet standup")

    [line] = [LineFormatter().format(r) for r in caplog.records if r.message == "answered"]
    # The request's IDs come from its own context, not from this one.
    assert json.loads(shown).keys() - json.loads(line).keys() == {"request_id", "reference"}
    assert json.loads(line).keys() <= json.loads(shown).keys()
    assert json.loads(line)["logger"] == json.loads(shown)["logger"]


def test_the_readme_shows_every_command() -> None:
    shown = re.findall(r"^\| `(/[\w-]+)", section("Use it"), re.MULTILINE)

    assert set(shown) == {command.command for command in commands("/meet")}


def test_the_readme_names_every_region() -> None:
    assert set(re.findall(r"`([a-z]{2}\d{3})`", section("Use it"))) == set(REGIONS)


def test_the_procfile_starts_the_bot() -> None:
    assert PROCFILE == {"release": "python -m bot migrate", "web": "python -m bot"}


def test_hosts_find_one_lock_file_and_a_python_version() -> None:
    refused = ["runtime.txt", "Pipfile", "Pipfile.lock", "poetry.lock", "uv.lock", "setup.py"]

    assert [name for name in refused if (ROOT / name).exists()] == []
    assert re.fullmatch(r"3\.1[1-4]\n", (ROOT / ".python-version").read_text(encoding="utf-8"))


def test_every_place_has_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = re.search(
        r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert newest
    assert project["version"] == newest[1] == __version__


def test_every_requirement_is_pinned_with_hashes_and_names_no_registry() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w-]+)==\S+ \\\n    --hash=sha256:", text, re.MULTILINE)
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "dependencies"
    ]

    assert "://" not in text
    assert len(pinned) == len(re.findall(r"^[\w-]+", text, re.MULTILINE))
    assert {re.split(r"[\[><=]", name)[0] for name in wanted} <= set(pinned)


def test_the_heroku_button_asks_only_for_required_settings_and_adds_no_costs() -> None:
    required = {name for name, default in documented_settings() if default.startswith("required")}

    assert {n for n, asked in APP["env"].items() if asked.get("required", True)} == {
        *required,
        "SLACK_BOT_TOKEN",
    }
    assert APP["env"].keys() <= settings_in_code().keys()
    assert "PUBLIC_URL" in APP["env"]
    assert "addons" not in APP


def test_the_heroku_button_is_valid() -> None:
    assert APP.keys() == {"name", "description", "keywords", "env", "formation"}
    assert 3 <= len(APP["name"]) <= 30
    assert len(APP["description"]) <= 140
    assert APP["formation"] == {"web": {"quantity": 1, "size": "basic"}}
    assert all(asked["description"] for asked in APP["env"].values())
    assert {key for asked in APP["env"].values() for key in asked} == {
        *("description", "required", "value")
    }


def ways_to_set_up() -> dict[str, dict[str, str]]:
    """Return the settings, except secrets, that each way to set up the bot provides."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    blueprint = BLUEPRINT["services"][0]["envVars"]
    [fly] = map(tomllib.loads, snippets("toml"))
    recipes = {
        one.partition("\n")[0]: re.findall(r"([A-Z_]+)(?:=|` \(`)([^\s…`]+)", one)
        for one in HOSTS.split("\n## ")[3:-3]
        if one.partition("\n")[0] not in ("Render", "Fly", "Heroku")
    }
    return {
        ".env.example": dict(re.findall(r"^(\w+)=(.+)$", example, re.MULTILINE)),
        "app.json": {n: asked["value"] for n, asked in APP["env"].items() if "value" in asked},
        "README": dict(re.findall(r"([A-Z_]+)=(\w+)", README)),
        "Render": {one["key"]: one["value"] for one in blueprint if "value" in one},
        "Fly": fly["env"],
        **{host: dict(pairs) for host, pairs in recipes.items()},
    }


def test_every_recipe_limits_meetings_per_user() -> None:
    assert len(ways_to_set_up()) == 9
    assert {given["MEETINGS_PER_USER"] for given in ways_to_set_up().values()} == {"30"}
    assert Settings.from_env(environment(MEETINGS_PER_USER="30")).meetings_per_user == 30
    assert Settings.from_env(environment(MEETINGS_PER_USER="")).meetings_per_user is None


def test_every_recipe_turns_on_live_cards() -> None:
    assert {given["VIDEOSDK_API_VERSION"] for given in ways_to_set_up().values()} == {"v2"}


def instructions(name: str) -> list[str]:
    """Return the arguments of a Dockerfile instruction."""
    text = (ROOT / DOCKERFILE).read_text(encoding="utf-8")
    return re.findall(rf"^{name} (.+)$", text, re.MULTILINE)


def test_the_image_runs_what_the_procfile_runs_and_not_as_root() -> None:
    python = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    web = PROCFILE["web"].split()

    [base] = instructions("FROM")
    assert re.fullmatch(rf"python:{re.escape(python)}-slim@sha256:[0-9a-f]{{64}}", base)
    assert [json.loads(command) for command in instructions("CMD")] == [web]
    assert [user.partition(":")[0].isdigit() for user in instructions("USER")] == [True]
    assert not instructions("USER")[0].startswith("0")
    assert "--require-hashes" in instructions("RUN")[0]
    port, database = instructions("ENV")
    assert port == f"PORT={settings_in_code()['PORT']}"
    [folder] = re.findall(r"^DATABASE_URL=sqlite:///(/\w+)/\S+$", database)
    user, group = instructions("USER")[0].split(":")
    assert f"install -d -o {user} -g {group} {folder}" in instructions("RUN")
    assert [json.loads(volume) for volume in instructions("VOLUME")] == [[folder]]


def test_an_image_is_built_only_from_the_files_it_contains() -> None:
    first, *rest = [
        line
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line[0] != "#"
    ]
    copied = {name for line in instructions("COPY") for name in line.split()[:-1]}

    assert first == "*"
    assert {line[1:] for line in rest if line[0] == "!"} == copied
    assert "**/__pycache__" in rest


def test_dependabot_watches_packages_and_the_base_image() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))[
        "updates"
    ]
    folders = {one["package-ecosystem"]: one["directory"] for one in updates}

    docker = f"/{Path(DOCKERFILE).parent}"
    assert folders == {"pip": "/", "docker": docker, "github-actions": "/"}


def test_the_workflow_begins_with_the_oldest_python_that_is_supported() -> None:
    path = ROOT / ".github" / "workflows" / "ci.yml"
    job = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]["ci"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    pythons = job["strategy"]["matrix"]["python"]
    assert f">={pythons[0]}" == project["requires-python"]
    assert job["steps"][-1] == {"run": ".ci/run"}


async def test_the_image_contains_exactly_what_the_bot_needs(tmp_path: Path) -> None:
    copied = [name for line in instructions("COPY") for name in line.split()[:-1]]
    assert sorted(copied) == ["bot", "manifest.yml", "requirements.txt"]
    for name in copied:
        (tmp_path / name).symlink_to(ROOT / name)

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "doctor", "--json"),
        cwd=tmp_path,
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
    )
    report = json.loads((await process.communicate())[0])
    assert [(check["about"], check["level"]) for check in report["checks"][:2]] == [
        ("settings", "ok"),
        ("versions", "ok"),
    ]


def snippets(language: str) -> list[str]:
    """Return the code blocks in a language in docs/hosts.md."""
    found = re.findall(rf"^( *)```{language}\n(.+?)^ *```", HOSTS, re.MULTILINE | re.DOTALL)
    return [re.sub(f"(?m)^{indent}", "", block) for indent, block in found]


def test_the_notes_on_hosts_allow_for_shutdown_and_prevent_sleep() -> None:
    [override] = map(yaml.safe_load, snippets("yaml"))
    [caprover] = map(json.loads, snippets("json"))
    [fly] = map(tomllib.loads, snippets("toml"))
    [service] = BLUEPRINT["services"]

    assert service["maxShutdownDelaySeconds"] == 30
    assert "RAILWAY_DEPLOYMENT_DRAINING_SECONDS=30\n" in section("Railway", HOSTS)
    assert (fly["kill_signal"], fly["kill_timeout"]) == ("SIGTERM", 30)
    assert override["TaskTemplate"]["ContainerSpec"]["StopGracePeriod"] == 30 * 10**9
    assert fly["http_service"]["auto_stop_machines"] == "off"
    assert ROOT / caprover["dockerfilePath"] == ROOT / fly["build"]["dockerfile"]
    assert (ROOT / caprover["dockerfilePath"]).is_file()


def test_the_notes_on_hosts_name_existing_routes_settings_and_commands() -> None:
    [fly] = map(tomllib.loads, snippets("toml"))
    [service] = BLUEPRINT["services"]
    asked = [service["healthCheckPath"], fly["http_service"]["checks"][0]["path"]]
    required = {name for name, one in APP["env"].items() if one.get("required", True)}

    assert asked == ["/healthz", "/readyz"]
    assert fly["http_service"]["internal_port"] == settings_in_code()["PORT"]
    assert {one["key"] for one in service["envVars"] if "value" not in one} == required
    set_by_hand = [re.findall(r"\b([A-Z_]+)=", sh) for sh in snippets("sh")]
    settings = [{n for n in names if not n.startswith("RAILWAY_")} for names in set_by_hand]
    assert all(names <= settings_in_code().keys() for names in settings)
    assert all(required <= names for names in settings if names - {"PORT"})


def test_every_host_is_checked_against_its_own_documentation() -> None:
    hosts = re.findall(r"^\| (\w+) \| `", HOSTS.split("\n## ")[0], re.MULTILINE)
    checked = re.findall(
        r"^\| (\w+) \| .*https://", section("Checked against", HOSTS), re.MULTILINE
    )

    assert checked == hosts
    assert len(hosts) == 7


def test_the_docs_name_existing_commands_and_settings() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    typo = {"VIDEOSDK_API_VERSON"}  # which the settings warn of

    assert set(re.findall(r"-m bot(?: (\w+))?", text)) <= {
        *("", "sandbox", "doctor", "manifest", "migrate")
    }
    named = set(re.findall(r"\b(?:SLACK|VIDEOSDK|MEETINGS|LOG)_[A-Z_]+\b", text))
    assert named - settings_in_code().keys() == typo


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub generates for a document's headings."""
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_no_link_in_the_docs_is_broken(path: Path) -> None:
    linked = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", path.read_text(encoding="utf-8"))

    for name, anchor in linked:
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), name
        assert not anchor or anchor in anchors(target), anchor


def test_the_readme_links_to_every_document() -> None:
    text = README + HOSTS + document("troubleshooting")

    assert [one.stem for one in DOCUMENTS if one.name not in text and one.stem != "README"] == []
