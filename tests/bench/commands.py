"""Generate signed `/meet` commands, each with its own trigger_id."""

import itertools
import time
from collections.abc import Iterator

from bot.sandbox.slack.payloads import encode, sign, slash_command
from bot.sandbox.slack.workspace import CHANNELS, USERS
from tests.conftest import SIGNING_SECRET

RESPONSE_URL = "https://hooks.slack.com/commands/T04LIGHTHS/2345678901234/made-up-and-never-used"
LINES = 250  # commands with different texts

_TRIGGER = b"7777777777777"  # placeholder for a number unique to each command


def signed_commands() -> Iterator[bytes]:
    """Yield whole HTTP requests, signed as they are taken: `/meet Weekly sync 0 us001` and so on.

    The bot handles each command once, so none may be sent twice.
    """
    bodies = [_body(f"/meet Weekly sync {number} us001") for number in range(LINES)]
    for number in itertools.count():
        body = bodies[number % LINES]
        yield _request(body.replace(_TRIGGER, b"%013d" % number))


def _body(line: str) -> bytes:
    command = slash_command(USERS[0], CHANNELS[0], line, RESPONSE_URL)
    return encode(command | {"trigger_id": _TRIGGER.decode()})


def _request(body: bytes) -> bytes:
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


COMMANDS = signed_commands()  # for every sender of a run
