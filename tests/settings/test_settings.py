"""Settings are read from the environment, and all mistakes are reported at once."""

import pytest

from bot.settings.settings import SLACK_API, Settings, SettingsError, unknown_settings
from bot.videosdk import ENDPOINT, REGIONS
from tests.conftest import API_KEY, APP_TOKEN, BOT_TOKEN, SECRET_KEY, SIGNING_SECRET

REQUIRED = {
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "SLACK_BOT_TOKEN": BOT_TOKEN,
    "VIDEOSDK_API_KEY": API_KEY,
    "VIDEOSDK_SECRET_KEY": SECRET_KEY,
}
SECRETS = [*REQUIRED.values(), APP_TOKEN]
EVERYWHERE = "0.0.0.0"  # noqa: S104 - hosts route to it
SLACK_APP = "Get it from: api.slack.com/apps, your app,"


def read(**changes: str) -> Settings:
    return Settings.from_env(REQUIRED | changes)


def problems(environ: dict[str, str]) -> list[str]:
    """Return the message about each setting."""
    with pytest.raises(SettingsError) as raised:
        Settings.from_env(environ)
    return [line.strip() for line in str(raised.value).splitlines()[1:]]


def problem(**change: str) -> str:
    """Return the only message that a change causes."""
    [only] = problems(REQUIRED | change)
    return only


def test_four_settings_are_enough() -> None:
    assert Settings.from_env(REQUIRED) == Settings(
        slack_bot_token=BOT_TOKEN,
        slack_signing_secret=SIGNING_SECRET,
        videosdk_api_key=API_KEY,
        videosdk_secret_key=SECRET_KEY,
        slack_app_token=None,
        slack_command="/meet",
        slack_api_url=SLACK_API,
        videosdk_auth_scheme="bare",
        videosdk_api_endpoint=ENDPOINT,
        videosdk_api_version="v1",
        videosdk_default_region=None,
        videosdk_regions=REGIONS,
        join_url_template=None,
        live_cards="on",
        host="127.0.0.1",
        port=3000,
        log_format="auto",
        log_level="INFO",
    )


OAUTH = {
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "SLACK_CLIENT_ID": "123.456",
    "SLACK_CLIENT_SECRET": "0123456789abcdef",
    "TOKEN_KEYS": "0f" * 32,
    "PUBLIC_URL": "https://bot.example.org",
    "VIDEOSDK_API_KEY": API_KEY,
    "VIDEOSDK_SECRET_KEY": SECRET_KEY,
}
KEY = "Dw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8="


def test_with_a_client_id_many_workspaces_can_install_the_bot() -> None:
    older = "A" * 43 + "="
    settings = Settings.from_env(OAUTH | {"TOKEN_KEYS": f"{'0F' * 32}, {older}"})

    assert (settings.slack_bot_token, settings.slack_client_id) == (None, "123.456")
    assert settings.token_keys == (KEY, older)
    assert settings.database_url == "sqlite:///meet-for-slack.db"
    assert "0f" * 32 not in repr(settings)


@pytest.mark.parametrize(
    "missing", ["SLACK_CLIENT_SECRET", "TOKEN_KEYS", "PUBLIC_URL", "SLACK_SIGNING_SECRET"]
)
def test_a_client_id_needs_other_settings_too(missing: str) -> None:
    [message] = problems({name: value for name, value in OAUTH.items() if name != missing})

    assert message.startswith(f"{missing} is missing. Get it from: ")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SLACK_CLIENT_ID", "A0123", "must be two numbers with a dot between them."),
        ("TOKEN_KEYS", "hunter2", "must be one or more keys of 64 hexadecimal digits"),
        ("DATABASE_URL", "mysql://u:hunter2@h/db", "must begin with postgres:// or sqlite:///."),
        ("SLACK_BOT_TOKEN", BOT_TOKEN, "must be removed when SLACK_CLIENT_ID is set"),
    ],
)
def test_mistakes_in_the_settings_for_many_workspaces_are_reported(
    name: str, value: str, message: str
) -> None:
    [problem] = problems(OAUTH | {name: value})

    assert problem.startswith(f"{name} {message}")
    assert "hunter2" not in problem


SIGN_IN = OAUTH | {"SIGN_IN": "optional", "SLACK_BOT_TOKEN": BOT_TOKEN, "TOKEN_KEYS": ""}


def test_with_a_bot_token_signing_in_takes_the_client_id_and_no_database() -> None:
    settings = Settings.from_env(SIGN_IN)

    assert (settings.signs_in, settings.serves_many) == (True, False)
    assert (settings.slack_bot_token, settings.slack_client_id) == (BOT_TOKEN, "123.456")
    assert settings.token_keys == ()


def test_without_a_bot_token_people_of_many_workspaces_sign_in() -> None:
    settings = Settings.from_env(OAUTH | {"SIGN_IN": "Required"})

    assert (settings.sign_in, settings.serves_many) == ("required", True)
    assert not Settings.from_env(OAUTH).signs_in


@pytest.mark.parametrize("missing", ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "PUBLIC_URL"])
def test_signing_in_needs_the_apps_credentials_and_an_address(missing: str) -> None:
    [told] = problems({name: value for name, value in SIGN_IN.items() if name != missing})

    assert told.startswith(f"{missing} is missing. Get it from: ")


def test_signing_in_needs_the_bots_own_join_page() -> None:
    [told] = problems(SIGN_IN | {"JOIN_URL_TEMPLATE": "https://m.example/{meeting_id}"})

    assert told.startswith("JOIN_URL_TEMPLATE must be removed when SIGN_IN is set")


def test_socket_mode_needs_no_signing_secret() -> None:
    settings = read(SLACK_APP_TOKEN=APP_TOKEN, SLACK_SIGNING_SECRET="")

    assert (settings.slack_app_token, settings.slack_signing_secret) == (APP_TOKEN, None)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("SLACK_BOT_TOKEN", " xoxb-1-a\n", "xoxb-1-a"),
        ("SLACK_BOT_TOKEN", "xoxe.xoxb-1-a", "xoxe.xoxb-1-a"),
        ("SLACK_COMMAND", "/vmeet", "/vmeet"),
        ("SLACK_COMMAND", "  ", "/meet"),
        ("SLACK_API_URL", "https://slack.com/api", SLACK_API),
        ("SLACK_API_URL", "http://127.0.0.1:8091/api/", "http://127.0.0.1:8091/api/"),
        ("VIDEOSDK_API_ENDPOINT", "http://[::1]:9/v2/", "http://[::1]:9/v2/"),
        ("VIDEOSDK_API_ENDPOINT", "http://localhost:9", "http://localhost:9/"),
        ("VIDEOSDK_AUTH_SCHEME", "Bearer", "bearer"),
        ("VIDEOSDK_API_VERSION", "V1", "v1"),
        ("LIVE_CARDS", "OFF", "off"),
        ("VIDEOSDK_DEFAULT_REGION", "EU001", "eu001"),
        ("JOIN_URL_TEMPLATE", "https://m.example/?r={meeting_id}#a", None),
        ("SUPPORT_URL", "mailto:help+slack@example.com", None),
        ("SUPPORT_URL", "https://example.com/help?for=meet", None),
        ("HTTPS_PROXY", "proxy.example.com:3128", "http://proxy.example.com:3128"),
        ("HTTP_PROXY", "https://ann:p%40ss@proxy.example.com/", None),
        ("NO_PROXY", " example.com,10.0.0.0/8 ", "example.com,10.0.0.0/8"),
        ("LOG_FORMAT", "JSON", "json"),
        ("LOG_LEVEL", "debug", "DEBUG"),
    ],
)
def test_a_setting_is_read_as_meant(name: str, typed: str, value: str | None) -> None:
    assert getattr(read(**{name: typed}), name.lower()) == (value or typed)


def test_the_hosts_of_files_are_a_list() -> None:
    hosts = read(VIDEOSDK_FILE_HOSTS="CDN.videosdk.live, files.example.com,").videosdk_file_hosts

    assert hosts == ("cdn.videosdk.live", "files.example.com")


@pytest.mark.parametrize(
    ("port", "host", "number"),
    [
        ("8080", EVERYWHERE, 8080),
        ("0", EVERYWHERE, 0),
        ("", "127.0.0.1", 3000),
        (" ", "127.0.0.1", 3000),
    ],
)
def test_a_port_opens_the_bot_to_the_network(port: str, host: str, number: int) -> None:
    settings = read(PORT=port)

    assert (settings.host, settings.port) == (host, number)


def test_lower_case_proxy_variables_are_read_too() -> None:
    assert read(https_proxy="http://small:1").https_proxy == "http://small:1"
    assert read(https_proxy="http://small:1", HTTPS_PROXY="http://large:1").https_proxy == (
        "http://large:1"
    )


def test_regions_are_added_to_the_known_ones() -> None:
    added = "uk001=London, GB , US002 = Ohio, US,eu001=Frankfurt am Main,"

    settings = read(VIDEOSDK_REGIONS=added, VIDEOSDK_DEFAULT_REGION="us002")

    assert settings.videosdk_default_region == "us002"
    assert settings.videosdk_regions == {
        **REGIONS,
        "uk001": "London, GB",
        "us002": "Ohio, US",
        "eu001": "Frankfurt am Main",
    }


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({"RENDER_EXTERNAL_URL": "https://meet.onrender.com"}, "https://meet.onrender.com"),
        ({"RAILWAY_PUBLIC_DOMAIN": "meet.up.railway.app"}, "https://meet.up.railway.app"),
        ({"FLY_APP_NAME": "lighthouse-meet"}, "https://lighthouse-meet.fly.dev"),
        ({"FLY_APP_NAME": "x", "PUBLIC_URL": "https://bot.example.org"}, "https://bot.example.org"),
        ({"FLY_APP_NAME": " ", "PUBLIC_URL": " "}, None),
    ],
)
def test_the_public_address_is_what_the_host_says_unless_it_is_set(
    environ: dict[str, str], address: str | None
) -> None:
    assert read(**environ).public_url == address


def test_many_workspaces_work_with_the_hosts_address() -> None:
    with_host = OAUTH | {"PUBLIC_URL": "", "RENDER_EXTERNAL_URL": "https://meet.onrender.com"}

    assert Settings.from_env(with_host).public_url == "https://meet.onrender.com"


LIVE = {"VIDEOSDK_API_VERSION": "v2", "PUBLIC_URL": "https://bot.example.com"}


@pytest.mark.parametrize(
    ("changes", "live"),
    [
        ({}, True),
        ({"LIVE_CARDS": "off"}, False),
        ({"VIDEOSDK_API_VERSION": "v1"}, False),
        ({"PUBLIC_URL": ""}, False),
        ({"JOIN_URL_TEMPLATE": "https://m.example/{meeting_id}"}, False),
    ],
)
def test_cards_are_live_with_version_2_and_our_own_join_page_unless_switched_off(
    changes: dict[str, str],
    live: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    assert read(**(LIVE | changes)).has_live_cards is live


def test_missing_settings_are_reported_with_where_to_get_them() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({})

    assert str(raised.value) == (
        "Meet for Slack can't start: 4 settings need attention.\n"
        f"  SLACK_BOT_TOKEN is missing. {SLACK_APP} OAuth & Permissions, Bot User OAuth Token "
        "(for many workspaces, set SLACK_CLIENT_ID instead).\n"
        f"  SLACK_SIGNING_SECRET is missing. {SLACK_APP} Basic Information, Signing Secret "
        "(not needed with SLACK_APP_TOKEN).\n"
        "  VIDEOSDK_API_KEY is missing. Get it from: app.videosdk.live/api-keys.\n"
        "  VIDEOSDK_SECRET_KEY is missing. Get it from: app.videosdk.live/api-keys."
    )


def test_one_mistake_is_counted_as_one() -> None:
    with pytest.raises(SettingsError, match="can't start: 1 setting needs attention"):
        read(PORT="abc")


def test_swapped_tokens_are_two_mistakes_and_no_signing_secret_is_asked_for() -> None:
    swapped = REQUIRED | {"SLACK_BOT_TOKEN": APP_TOKEN, "SLACK_APP_TOKEN": BOT_TOKEN}
    del swapped["SLACK_SIGNING_SECRET"]

    app, bot = problems(swapped)
    assert app == (
        "SLACK_APP_TOKEN must begin with xapp-, and this doesn't. "
        f"{SLACK_APP} Basic Information, App-Level Tokens."
    )
    assert bot == (
        "SLACK_BOT_TOKEN must begin with xoxb-, and this doesn't. "
        f"{SLACK_APP} OAuth & Permissions, Bot User OAuth Token "
        "(for many workspaces, set SLACK_CLIENT_ID instead)."
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SLACK_SIGNING_SECRET", f'"{SIGNING_SECRET}"', "has quotes around it; remove them."),
        ("SLACK_BOT_TOKEN", "'xoxb-1-a'", "has quotes around it; remove them."),
        ("PORT", '"3000"', "has quotes around it; remove them."),
        ("SLACK_BOT_TOKEN", "xoxb-1 2", "has a space, a quote or another stray character in it"),
        ("VIDEOSDK_API_KEY", "a\u200bb", "has a space, a quote or another stray character in it"),
        ("SLACK_SIGNING_SECRET", BOT_TOKEN, "must be a key or a secret, but this is a token."),
        ("VIDEOSDK_SECRET_KEY", "eyJhbGciOiJIUzI1NiJ9.e30.x", "must be a key or a secret"),
        ("SLACK_COMMAND", "meet", "must be a slash and up to 25 lower-case letters"),
        ("SLACK_COMMAND", "/Meet", "must be a slash and up to 25 lower-case letters"),
        ("SLACK_COMMAND", f"/{'m' * 26}", "must be a slash and up to 25 lower-case letters"),
        ("VIDEOSDK_AUTH_SCHEME", "basic", "must be bare or bearer."),
        ("VIDEOSDK_API_VERSION", "v3", "must be v1 or v2."),
        ("LIVE_CARDS", "false", "must be on or off."),
        ("VIDEOSDK_API_ENDPOINT", "http://api.videosdk.live", "must begin with https:// (http:// "),
        ("VIDEOSDK_API_ENDPOINT", "http://10.0.0.1", "must begin with https:// (http:// is for"),
        ("VIDEOSDK_API_ENDPOINT", "api.videosdk.live", "isn't an address like https://example"),
        ("VIDEOSDK_API_ENDPOINT", "https://ann:pw@x.example", "isn't an address like"),
        ("VIDEOSDK_API_ENDPOINT", "https://x.example:99999", "isn't an address like"),
        ("VIDEOSDK_API_ENDPOINT", "https://[::1", "isn't an address like"),
        ("VIDEOSDK_API_ENDPOINT", "https://x.example/\u202ev1", "isn't an address like"),
        ("VIDEOSDK_API_ENDPOINT", "https://x.example?v=1", "must end with the path, without ? "),
        ("SLACK_API_URL", "https://slack.com/api/#", "must end with the path, without ? or #."),
        ("VIDEOSDK_DEFAULT_REGION", "uk001", "must be sg001, sg002, in002, us001 or eu001; "),
        ("VIDEOSDK_REGIONS", "uk001", "must be codes with their places, like uk001=London,"),
        ("VIDEOSDK_REGIONS", "uk001=", "must be codes with their places"),
        ("VIDEOSDK_REGIONS", "uk001=London;us002=Ohio", "must be codes with their places"),
        ("VIDEOSDK_REGIONS", "uk001=<!channel>", "must be codes with their places"),
        ("VIDEOSDK_FILE_HOSTS", "https://cdn.example.com", "must be host names without https://,"),
        ("VIDEOSDK_FILE_HOSTS", "a.example.com,,b.example.com", "must be host names without"),
        ("JOIN_URL_TEMPLATE", "https://m.example/", "must contain {meeting_id} and no other"),
        ("JOIN_URL_TEMPLATE", "https://m.example/{meeting_id}/{name}", "and no other braces, like"),
        ("JOIN_URL_TEMPLATE", "http://m.example/{meeting_id}", "must begin with https://"),
        ("SUPPORT_URL", "mailto:help", "isn't an address like"),
        ("PRIVACY_URL", "javascript:alert(1)", "isn't an address like"),
        ("JOIN_URL_TEMPLATE", "https://m.example/{meeting_id}|Join", "isn't an address like"),
        ("JOIN_URL_TEMPLATE", f"https://m.example/{{meeting_id}}/{'a' * 2000}", "is longer than "),
        ("PORT", "abc", "must be a number from 0 to 65535."),
        ("PORT", "-1", "must be a number from 0 to 65535."),
        ("PORT", "65536", "must be a number from 0 to 65535."),
        ("PORT", "8\u0660", "must be a number from 0 to 65535."),
        ("METRICS_TOKEN", "short", "must have at least 16 characters: openssl rand -hex 32."),
        ("MEETINGS_PER_USER", "0", "must be a number from 1 to 999999."),
        ("HTTPS_PROXY", "socks5://proxy.example.com:1080", "isn't the address of a proxy"),
        ("HTTPS_PROXY", "http://ann:p@ss@proxy.example.com", "with %40 for an @ in its password"),
        ("HTTPS_PROXY", "http://proxy.example.com:99999", "isn't the address of a proxy"),
        ("HTTP_PROXY", "http://proxy.example.com/path", "isn't the address of a proxy"),
        ("HTTP_PROXY", "http://proxy.example\u202e.com", "isn't the address of a proxy"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "isn't a certificate file (PEM)"),
        ("SSL_CERT_FILE", __file__, "isn't a certificate file (PEM)"),
        ("SSL_CERT_FILE", "a\0b", "isn't a certificate file (PEM)"),
        ("LOG_FORMAT", "xml", "must be auto, text or json."),
        ("LOG_LEVEL", "LOUD", "must be info, debug, warning or error."),
    ],
)
def test_a_malformed_setting_is_reported_with_its_format(
    name: str, value: str, message: str
) -> None:
    assert problem(**{name: value}).startswith(f"{name} ")
    assert message in problem(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "xoxb-…"),
        ("SLACK_BOT_TOKEN", "xoxb-..."),
        ("SLACK_BOT_TOKEN", "xoxb-your-token"),
        ("SLACK_BOT_TOKEN", "xoxb-xxx-XXXX-xxxxxxx"),
        ("SLACK_BOT_TOKEN", "xoxb-****"),
        ("SLACK_APP_TOKEN", "xapp-1-<token>"),
        ("SLACK_APP_TOKEN", "xapp-example"),
        ("SLACK_SIGNING_SECRET", "your-signing-secret"),
        ("SLACK_SIGNING_SECRET", "0" * 32),
        ("VIDEOSDK_API_KEY", "changeme"),
        ("VIDEOSDK_API_KEY", "YOUR_API_KEY"),
        ("VIDEOSDK_API_KEY", "yourkey"),
        ("VIDEOSDK_API_KEY", "xxx"),
        ("VIDEOSDK_SECRET_KEY", "<your-secret-key>"),
        ("VIDEOSDK_SECRET_KEY", "replace_me-please"),
        ("METRICS_TOKEN", "placeholder-for-prometheus"),
        ("PUBLIC_URL", "https://your-meet.….herokuapp.com"),
        ("PUBLIC_URL", "https://Your-Meet.example.com/bot"),
    ],
)
def test_a_placeholder_is_rejected(name: str, value: str) -> None:
    message = problem(**{name: value})

    assert message.startswith(f"{name} is a placeholder; replace it with the real ")
    assert value not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "xoxb-1"),
        ("SLACK_SIGNING_SECRET", "made-up-secret1"),
        ("VIDEOSDK_API_KEY", "1234567"),
        ("VIDEOSDK_SECRET_KEY", "hunter2"),
    ],
)
def test_a_secret_too_short_to_be_real_is_rejected(name: str, value: str) -> None:
    assert problem(**{name: value}).startswith(f"{name} is too short to be real; copy it again.")


@pytest.mark.parametrize(
    "value", ["5yourkey5-xxx5", "todos-examples-changeme2", "a.b..c-undefined1", "dummyvalue"]
)
def test_a_key_may_have_the_letters_of_a_placeholder_inside(value: str) -> None:
    assert read(VIDEOSDK_SECRET_KEY=value).videosdk_secret_key == value


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("::", "::"),
        ("[::1]", "::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("10.0.0.7", "10.0.0.7"),
        ("fly-local-6pn", "fly-local-6pn"),
        ("meet.internal", "meet.internal"),
    ],
)
@pytest.mark.parametrize("port", ["", "8080"])
def test_the_bind_address_can_be_set(typed: str, host: str, port: str) -> None:
    assert read(BIND_HOST=typed, PORT=port).host == host


@pytest.mark.parametrize(
    "value", ["*", "0", "1.2.3", "300.1.1.1", "127.0.0.1:3000", "[::]:80", "http://[::]", "a b"]
)
def test_a_bad_bind_address_is_rejected(value: str) -> None:
    message = "must be an address or a name without a port, like 0.0.0.0 or ::."
    assert problem(BIND_HOST=value) == f"BIND_HOST {message}"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("VIDEOSDK_API_VERSON", "VIDEOSDK_API_VERSION"),
        ("SLACK_SCOPES", None),
        ("slack_command", "SLACK_COMMAND"),
        ("VIDEO_SDK_REGIONS", "VIDEOSDK_REGIONS"),
        ("PUBLIC_URI", "PUBLIC_URL"),
        ("BINDHOST", "BIND_HOST"),
    ],
)
def test_a_name_that_looks_like_a_setting_comes_with_the_nearest_one(
    name: str, nearest: str | None
) -> None:
    assert unknown_settings(REQUIRED | {name: "hunter2"}) == {name: nearest}


@pytest.mark.parametrize(
    "environ",
    [
        {"SLACK_VERIFICATION_TOKEN": "x", "LOG_NAMESPACE": "x"},
        {"SLACK_SERVICE_HOST": "10.0.0.1", "SLACK_PORT_80_TCP_PORT": "80", "MEETINGS_PORT": "80"},
        {"DATABASE_PUBLIC_URL": "x", "HOST": "x", "PATH": "x", "no_proxy": "x", "LOGNAME": "x"},
        {"PUBLIC_URL": "https://bot.example.org", "PUBLIC_URI": "x"},
        {"SLACK_BOT_TOKN": " ", "SLACK_BÖT_TOKEN": "x"},
    ],
)
def test_other_programs_variables_are_not_misspellings(environ: dict[str, str]) -> None:
    assert unknown_settings(REQUIRED | environ) == {}


def test_a_missing_setting_is_found_under_its_misspelled_name() -> None:
    misspelled = REQUIRED | {"SLACK_BOT_TOKEN": "", "SLACK_BOT_TOKN": BOT_TOKEN}

    [message] = problems(misspelled)
    assert message.startswith(
        "SLACK_BOT_TOKEN is missing. Is SLACK_BOT_TOKN a misspelling of it? Get it from: "
    )
    assert BOT_TOKEN not in message


def test_several_mistakes_are_reported_together() -> None:
    message = problems(REQUIRED | {"PORT": "abc", "LOG_LEVEL": "LOUD", "SLACK_COMMAND": "meet"})

    assert [line.split()[0] for line in message] == ["SLACK_COMMAND", "PORT", "LOG_LEVEL"]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_any_wrong_place_is_not_repeated(secret: str) -> None:
    wrong = dict.fromkeys(name.upper() for name in Settings.__dataclass_fields__)
    message = "\n".join(problems(dict.fromkeys(wrong, f"{secret} ") | {"PORT": f'"{secret}"'}))

    assert "SLACK_COMMAND" in message
    assert secret not in message


def test_settings_show_no_secret() -> None:
    shown = repr(read(SLACK_APP_TOKEN=APP_TOKEN))

    assert "slack_command='/meet'" in shown
    assert [secret for secret in SECRETS if secret in shown] == []


def test_every_secret_is_listed_for_masking() -> None:
    keys = ["ab" * 32, "cd" * 32]
    many = {
        "SLACK_BOT_TOKEN": "",
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "9f8e7d6c5b4a",
        "TOKEN_KEYS": ",".join(keys),
        "PUBLIC_URL": "https://bot.example.com",
        "METRICS_TOKEN": "prometheus-0123456789",
        "DATABASE_URL": "postgres://ann:pa%40ss:word@db.example.com/meet",
    }

    proxies = {
        "HTTPS_PROXY": "http://ann:pr%40xy-pw@proxy.example.com:3128",
        "HTTP_PROXY": "http://login-token@proxy.example.com:3128",
    }
    secrets = read(**many, **proxies).secrets
    known = {SIGNING_SECRET, API_KEY, SECRET_KEY, "9f8e7d6c5b4a", "prometheus-0123456789"}
    passwords = {"pa%40ss:word", "pr%40xy-pw", "pr@xy-pw", "login-token"}
    assert set(secrets) - set(read(**many).token_keys) == known | passwords
    assert set(read(SLACK_APP_TOKEN=APP_TOKEN).secrets) == set(SECRETS)
