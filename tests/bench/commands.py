"""Write `/meet` commands as Slack sends them, ready to go down a socket."""

import time

from bot.sandbox.payloads import encode, sign, slash_command
from bot.sandbox.workspace import CHANNELS, USERS
from tests.conftest import SIGNING_SECRET

RESPONSE_URL = "https://hooks.slack.com/commands/T04LIGHTHS/2345678901234/made-up-and-never-used"
LINES = (
    250  # commands that differ; Slack's signature is good for 5 minutes, so they can be repeated
)


def signed_commands(count: int = LINES) -> list[bytes]:
    """Return whole HTTP requests, signed now: `/meet Weekly sync 0 us001` and so on."""
    return [_request(f"/meet Weekly sync {number} us001") for number in range(count)]


def _request(line: str) -> bytes:
    body = encode(slash_command(USERS[0], CHANNELS[0], line, RESPONSE_URL))
    headers = {
        "Host": "meet.example.com",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "Accept": "application/json,*/*",
        "Accept-Encoding": "gzip,deflate",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
        **sign(body, time.time(), SIGNING_SECRET),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /slack/events HTTP/1.1\r\n{head}\r\n".encode() + body
