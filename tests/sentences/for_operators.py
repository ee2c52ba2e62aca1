"""Scenes at a terminal: settings that can't work, the doctor and the manifest."""

from collections.abc import Mapping

from bot.doctor.report import examine
from bot.manifest import ManifestError, manifest_for
from bot.sandbox.faults import PRESETS, Fault
from bot.settings.settings import Settings, SettingsError
from tests.conftest import environment
from tests.sentences.sheet import Sheet
from tests.sentences.world import world

LONG = "https://m.example/{meeting_id}/" + "a" * 2000
# A value for each thing that can be wrong with one.
WRONG = [
    {"SLACK_BOT_TOKEN": '"xoxb-2345-6789"'},
    {"SLACK_BOT_TOKEN": "xapp-2345-6789"},
    {"SLACK_BOT_TOKEN": "xoxb-your-token"},
    {"SLACK_BOT_TOKEN": "xoxb-1 2"},
    {"SLACK_SIGNING_SECRET": "xoxb-2345-6789"},
    {"VIDEOSDK_API_KEY": "1234567"},
    {"SLACK_COMMAND": "meet"},
    {"SLACK_CLIENT_ID": "12"},
    {"SLACK_CLIENT_ID": "111.222", "TOKEN_KEYS": "5a"},
    {"SIGN_IN": "optional"},
    {"SIGN_IN": "sometimes"},
    {"VIDEOSDK_API_VERSION": "v3"},
    {"VIDEOSDK_API_ENDPOINT": "http://api.videosdk.live"},
    {"VIDEOSDK_API_ENDPOINT": "api.videosdk.live"},
    {"VIDEOSDK_API_ENDPOINT": "https://x.example?v=1"},
    {"VIDEOSDK_DEFAULT_REGION": "uk001"},
    {"VIDEOSDK_REGIONS": "uk001"},
    {"PUBLIC_URL": "https://your-meet.example.com"},
    {"JOIN_URL_TEMPLATE": "https://m.example/"},
    {"JOIN_URL_TEMPLATE": LONG},
    {"PORT": "abc"},
    {"BIND_HOST": "0.0.0.0:80"},
    {"METRICS_TOKEN": "short"},
    {"MEETINGS_PER_USER": "0"},
    {"HTTPS_PROXY": "socks5://proxy.example.com:1080"},
    {"SSL_CERT_FILE": "/nowhere/ca.pem"},
    {"NOTES": "recording"},
    {"NOTES_LANGUAGE": "German"},
    {"NOTES_PROMPT": "Summarise. " * 400},
]


def settings(sheet: Sheet) -> None:
    """Settings that are missing or can't work."""
    sheet.chapter("Settings that can't work")
    complaints(sheet, "Nothing is set", {})
    for wrong in WRONG:
        when = ", ".join(f"{name}={value[:40]}" for name, value in wrong.items())
        complaints(sheet, when, environment(**wrong))


def complaints(sheet: Sheet, when: str, environ: Mapping[str, str]) -> None:
    """Write down what the bot says about its settings when it starts."""
    try:
        Settings.from_env(environ)
    except SettingsError as error:
        sheet.write(when, [line.strip() for line in str(error).splitlines()])


async def doctor(sheet: Sheet) -> None:
    """The doctor, for a working bot and for broken ones."""
    sheet.chapter("python -m bot doctor")
    async with world(sheet) as live:
        well = live.environ | {"PUBLIC_URL": live.bot.url}
        await findings(sheet, "A bot with a public address", well)
        away = well | {"PUBLIC_URL": "http://127.0.0.1:1", "SLACK_SIGNING_SECRET": "z" * 31 + "y"}
        await findings(sheet, "A wrong address and a signing secret that is no secret", away)
        await findings(sheet, "Notes", well | {"NOTES": "transcript"})
        plain = well | {"NOTES": "transcript", "LIVE_CARDS": "off"}
        await findings(sheet, "Notes, without live cards", plain)
        live.slack.scopes = {"commands"}
        live.videosdk.faults.always(PRESETS["401"][1])
        await findings(sheet, "A scope is missing, and VideoSDK refuses", well)
        live.videosdk.faults.always(PRESETS["500"][1])
        live.slack.faults.always(Fault(200, b"{}"))
        await findings(sheet, "Something else answers, and VideoSDK is down", well)


def manifest(sheet: Sheet) -> None:
    """Manifests that can't be written."""
    sheet.chapter("python -m bot manifest")
    for when, url, command in (
        ("Without an address", "", ""),
        ("--url http://meet.example.org", "http://meet.example.org", ""),
        ("--command meet", "", "meet"),
    ):
        try:
            manifest_for({}, url=url, command=command)
        except ManifestError as error:
            sheet.write(when, [str(error)])


async def findings(sheet: Sheet, when: str, environ: Mapping[str, str]) -> None:
    """Run the doctor, and write down its findings."""
    said = []
    async for finding in examine(environ):
        said.append(f"{finding.level} {finding.about}: {finding.says}")
        said += finding.fix.splitlines()
    sheet.write(when, said)
