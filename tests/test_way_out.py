"""Every outgoing request follows the policy: proxy, certificates, headers and limits."""

import ast
import gzip
import json
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import aiohttp
import httpx
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from bot import __version__
from bot.sandbox.faults import Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import HOME
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.transport import Policy, open_http, open_slack, open_transport
from bot.transport.policy import proxy_for
from tests.conftest import (
    APP_TOKEN,
    BOT_TOKEN,
    NOBODY,
    SIGNING_SECRET,
    environment,
    free_port,
    serving,
    until,
)
from tests.many import TOKEN_KEYS
from tests.outside import LOGIN, Outside, outside
from tests.peer import Peer, http_answer
from tests.process import bot_process
from tests.proxy import Proxy
from tests.sandbox.installing import CLIENT_ID, CLIENT_SECRET
from tests.test_layers import FILES, parts_of
from tests.tls import Authority

OK = http_answer(b"{}")
AGENT = f"meet-for-slack/{__version__}"
DEAD = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), NOBODY)


class Seen:
    """Records the requests that a server gets."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, str]] = []

    @web.middleware
    async def note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        headers = request.headers
        self.requests.append(
            (request.path, headers["User-Agent"], headers.get("Accept-Encoding", ""))
        )
        return await handler(request)


@pytest.fixture
def slack() -> SlackStandIn:
    slack = SlackStandIn(SIGNING_SECRET, BOT_TOKEN, APP_TOKEN)
    slack.url = "https://hooks.slack.com"
    return slack


@pytest.fixture
def seen(slack: SlackStandIn, videosdk_standin: VideoSDKStandIn) -> Seen:
    seen = Seen()
    for app in (slack.app, videosdk_standin.app):
        app.middlewares.append(seen.note)
    return seen


@pytest.fixture
async def beyond(
    tmp_path: Path, slack: SlackStandIn, videosdk_standin: VideoSDKStandIn, seen: Seen
) -> AsyncIterator[Outside]:
    assert not seen.requests
    async with outside(tmp_path, slack.app, videosdk_standin.app) as beyond:
        yield beyond


async def test_the_web_api_socket_mode_response_urls_and_videosdk_use_the_proxy(
    beyond: Outside, slack: SlackStandIn, videosdk_standin: VideoSDKStandIn, seen: Seen
) -> None:
    settings = environment(SLACK_APP_TOKEN=APP_TOKEN, **beyond.settings)

    async with bot_process(settings) as bot:
        await bot.until("Slack knows this bot")
        await until(lambda: slack.sockets.connected)
        videosdk_standin.faults.plan(Fault(delay=2.3))
        delivery = await slack.command("/meet standup")
        assert await bot.stop() == 0

    assert ["still being" in one.text for one in delivery.messages[-2:]] == [True, False]
    assert "started a meeting" in delivery.messages[-1].text
    assert beyond.proxy.hosts_asked == {
        *("slack.com:443", "hooks.slack.com:443", "api.videosdk.live:443"),
    }
    paths = {path.partition("/response/")[0] or "/response/" for path, _, _ in seen.requests}
    assert paths >= {"/api/auth.test", "/api/apps.connections.open", "/socket", "/response/"}
    assert {(agent, encoding) for _, agent, encoding in seen.requests} == {(AGENT, "identity")}
    assert beyond.proxy.refused == []
    assert "s3cret-of-the-proxy" not in bot.printed


async def test_an_install_uses_the_proxy(tmp_path: Path, videosdk_standin: VideoSDKStandIn) -> None:
    url = f"http://127.0.0.1:{(port := free_port())}"
    slack = SlackStandIn(
        *(SIGNING_SECRET, "", APP_TOKEN),
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_urls=[f"{url}/slack/oauth_redirect"],
    )
    many = {
        "SLACK_BOT_TOKEN": None,
        "TOKEN_KEYS": TOKEN_KEYS,
        "SLACK_CLIENT_ID": CLIENT_ID,
        "SLACK_CLIENT_SECRET": CLIENT_SECRET,
        "DATABASE_URL": f"sqlite:///{tmp_path}/installs.db",
        "PUBLIC_URL": url,
        "PORT": str(port),
    }
    async with outside(tmp_path, slack.app, videosdk_standin.app) as beyond:
        way = Policy(beyond.settings["HTTPS_PROXY"], ca_file=beyond.settings["SSL_CERT_FILE"])
        async with (
            bot_process(environment(**many, **beyond.settings)) as bot,
            open_http(open_transport(policy=way)) as browser,
        ):
            await bot.until("serving", 20)
            page = await browser.get(f"{url}/slack/install")
            [consent] = re.findall(r'href="(https://slack.com/oauth/[^"]*)"', page.text)
            form = {"place": HOME.id, "answer": "allow"}
            back = await browser.post(unescape(consent), data=form)
            cookie = {"Cookie": page.headers["Set-Cookie"].partition(";")[0]}
            beyond.proxy.asked.clear()
            installed = await browser.get(back.headers["Location"], headers=cookie)

    assert "to start a meeting" in installed.text
    assert beyond.proxy.hosts_asked == {"slack.com:443"}


async def test_the_doctor_uses_the_proxy_and_names_it_without_its_credentials(
    beyond: Outside,
) -> None:
    settings = environment(SLACK_APP_TOKEN=APP_TOKEN, NO_PROXY="example.com", **beyond.settings)

    async with bot_process(settings, "doctor", "--json", covered=True) as doctor:
        assert doctor.process.stdout
        report = json.loads(await doctor.process.stdout.read())

    checks = {check["about"]: check for check in report["checks"]}
    address = beyond.proxy.url.replace("://", "://…@")
    authority = beyond.settings["SSL_CERT_FILE"]
    assert report["ok"], report
    assert checks["network"]["says"] == (
        f"https by {address}, not for example.com; trusts {authority}"
    )
    assert checks["SLACK_APP_TOKEN"]["says"] == "opens Socket Mode"
    assert beyond.proxy.hosts_asked == {"slack.com:443", "api.videosdk.live:443"}
    assert not any(piece in json.dumps(report) for piece in (LOGIN, *LOGIN.split(":")))


@pytest.mark.parametrize("mode", [[], ["--socket"]])
async def test_the_sandbox_works_despite_a_dead_proxy(mode: list[str]) -> None:
    arguments = ["sandbox", *mode, "--v2", "--send", "/meet standup"]

    async with bot_process(DEAD, *arguments) as bot:
        assert bot.process.stdout
        shown = (await bot.process.stdout.read()).decode()
        assert (await bot.process.wait(), bot.printed) == (0, "")

    assert "End for everyone" in shown


async def test_services_on_this_machine_are_reached_without_a_proxy(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    addresses = {
        "SLACK_API_URL": f"{slack_standin.url}/api",
        "VIDEOSDK_API_ENDPOINT": videosdk_url,
    }
    async with bot_process(environment(**DEAD, **addresses)) as bot:
        await bot.until("Slack knows this bot")
        slack_standin.events_url = f"{bot.url}/slack/events"
        delivery = await slack_standin.command("/meet standup")

    assert "started a meeting" in delivery.messages[-1].text


async def test_malformed_proxy_settings_are_reported_at_the_start() -> None:
    wrong = {
        "https_proxy": "http://ann:p@ss@proxy.example.com:3128",
        "HTTP_PROXY": "socks5://proxy.example.com:1080",
        "SSL_CERT_FILE": "/nowhere/ca.pem",
    }
    async with bot_process(environment() | wrong) as bot:
        assert await bot.process.wait() == 2

    assert "https_proxy isn't the address of a proxy" in bot.printed
    assert "HTTP_PROXY isn't the address of a proxy" in bot.printed
    assert "SSL_CERT_FILE isn't a certificate file" in bot.printed
    assert "p@ss" not in bot.printed


@pytest.mark.parametrize(
    ("address", "no_proxy", "by_proxy"),
    [
        ("https://slack.com", "", True),
        ("wss://wss-primary.slack.com", "", True),
        ("https://slack.com", "*", False),
        ("https://slack.com", "example.com, slack.com", False),
        ("https://slack.com", "example.com slack.com", False),
        ("https://wss-primary.slack.com", "Slack.com", False),
        ("https://wss-primary.SLACK.com", ".slack.com", False),
        ("https://wss-primary.slack.com", "*.slack.com", False),
        ("https://notslack.com", "slack.com", True),
        ("https://slack.com:8443", "slack.com:443", True),
        ("https://slack.com:8443", "slack.com:8443", False),
        ("https://10.1.2.3", "10.0.0.0/8", False),
        ("https://10.1.2.3", "10.1.2.4", True),
        ("https://[fd00::7]", "fd00::/8", False),
        ("https://slack.com", "10.0.0.0/8", True),
        ("https://localhost:8443", "", False),
        ("https://sandbox.localhost", "", False),
        ("https://127.9.9.9", "", False),
        ("wss://[::1]:8443", "", False),
        ("http://slack.com", "", False),
    ],
)
def test_no_proxy_means_the_same_as_in_other_programs(
    address: str,
    no_proxy: str,
    by_proxy: bool,  # noqa: FBT001 - parametrised
) -> None:
    policy = Policy(https_proxy="http://proxy.example.com:3128", no_proxy=no_proxy)
    url = httpx.URL(address)

    port = url.port or 443
    assert bool(proxy_for(policy, url.scheme, url.host, port)) == by_proxy


async def test_http_uses_its_own_proxy_with_credentials() -> None:
    async with Peer(OK).listening() as peer:
        port = int(peer.url.rpartition(":")[2])
        async with Proxy({"plain.example.com:80": port}, LOGIN).listening() as proxy:
            policy = Policy(http_proxy=proxy.url.replace("://", f"://{LOGIN}@"))
            async with open_http(open_transport(policy=policy)) as http:
                answer = await http.get("http://plain.example.com/path")

    assert (answer.status_code, proxy.refused) == (200, [])
    assert peer.asked[0].startswith("GET /path HTTP/1.1\r\n")


@pytest.mark.parametrize("login", ["", LOGIN])
async def test_a_proxy_that_refuses_the_tunnel_is_a_connect_error(login: str) -> None:
    async with Proxy({}, login).listening() as proxy:
        policy = Policy(https_proxy=proxy.url)
        async with open_http(open_transport(policy=policy)) as http:
            with pytest.raises(httpx.ConnectError):
                await http.post("https://api.videosdk.live/v1/meetings")

    assert len(proxy.refused) == 1


async def test_a_dead_proxy_is_a_connect_error() -> None:
    async with open_http(open_transport(policy=Policy(https_proxy=NOBODY))) as http:
        with pytest.raises(httpx.ConnectError):
            await http.post("https://api.videosdk.live/v1/meetings")


async def test_slack_is_reached_by_the_same_proxy() -> None:
    async with open_slack(policy=Policy(https_proxy=NOBODY)) as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.post("https://slack.com/api/auth.test")


async def test_this_machine_is_never_reached_by_a_proxy() -> None:
    policy = Policy(https_proxy=NOBODY, http_proxy=NOBODY)
    async with Peer(OK).listening() as peer, open_http(open_transport(policy=policy)) as http:
        assert (await http.get(peer.url)).status_code == 200


async def test_only_the_certificates_in_ssl_cert_file_are_trusted(tmp_path: Path) -> None:
    [trusted, other] = [Authority(tmp_path / name) for name in folders(tmp_path)]
    async with open_http(open_transport(policy=Policy(ca_file=str(trusted.file)))) as http:
        async with Peer(OK).listening(trusted.server("localhost")) as peer:
            assert (await http.get(local(peer))).status_code == 200
        async with Peer(OK).listening(other.server("localhost")) as peer:
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await http.get(local(peer))


def folders(parent: Path) -> list[str]:
    names = ["trusted", "other"]
    for name in names:
        (parent / name).mkdir()
    return names


def local(peer: Peer) -> str:
    return peer.url.replace("127.0.0.1", "localhost")


async def test_slacks_redirects_are_not_followed() -> None:
    async with Peer(OK).listening() as elsewhere:
        moved = http_answer(b"", f"Location: {elsewhere.url}", status="302 Found")
        async with Peer(moved).listening() as peer, open_slack() as session:
            with pytest.raises(OSError, match="a redirect, which is never followed"):
                await session.get(f"{peer.url}/api/auth.test")

    assert elsewhere.asked == []


@pytest.mark.parametrize("size", [1024 * 1024, 1024 * 1024 + 1])
async def test_slacks_replies_are_read_up_to_1_mib(size: int) -> None:
    async with Peer(http_answer(b" " * size)).listening() as peer, open_slack() as session:
        if size == 1024 * 1024:
            async with session.get(f"{peer.url}/api/auth.test") as answer:
                assert len(await answer.read()) == size
        else:
            with pytest.raises(OSError, match="over 1 MiB"):
                await session.get(f"{peer.url}/api/auth.test")


async def test_other_replies_are_read_up_to_1_mib() -> None:
    async with Peer(http_answer(b" " * 3 * 1024 * 1024)).listening() as peer, open_http() as http:
        assert len((await http.get(peer.url)).content) == 1024 * 1024 + 1


async def test_nothing_is_decompressed() -> None:
    packed = gzip.compress(b'{"ok": true}')
    async with Peer(http_answer(packed, "Content-Encoding: gzip")).listening() as peer:
        async with open_http() as http:
            assert (await http.get(peer.url)).content == packed
        async with open_slack() as session, session.get(f"{peer.url}/api/auth.test") as answer:
            assert await answer.read() == packed

    assert all("Accept-Encoding: identity" in head for head in peer.asked)
    assert all(f"User-Agent: {AGENT}" in head for head in peer.asked)


async def test_a_socket_outlasts_the_deadline_of_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.transport.slack.DEADLINE", 0.2)

    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(await socket.receive_str())
        return socket

    app = web.Application()
    app.router.add_get("/socket", echo)
    async with (
        serving(app) as url,
        open_slack() as session,
        session.ws_connect(f"{url}/socket") as socket,
    ):
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.3)
        await socket.send_str("still here")
        assert await socket.receive_str() == "still here"


def test_no_other_module_opens_connections() -> None:
    ways = {"ClientSession", "TCPConnector", "AsyncClient", "AsyncHTTPTransport", "request"}
    opened = {
        (module, ast.unparse(node.func))
        for module in FILES
        if not module.startswith(("bot.sandbox", "bot.transport"))
        for node in parts_of(module)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).partition(".")[0] in {"aiohttp", "httpx"}
        and ast.unparse(node.func).rpartition(".")[2] in ways
    }

    # The VideoSDK client also works without the bot.
    assert opened == {("bot.videosdk.client", "httpx.AsyncHTTPTransport")}
