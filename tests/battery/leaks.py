"""Search everything written, sent and shown for secrets."""

import re
from collections.abc import Iterable, Mapping

from tests.battery.lab import Lab, written
from tests.battery.messages import problems
from tests.battery.table import Finding, Row, none_of

# Generated secrets are recognised by their form.
MADE = {
    "JSON Web Token (API token, participant token, join link, webhook address)": re.compile(
        r"eyJ[\w-]{6,}\.[\w-]+"
    ),
    "response_url": re.compile(r"(?:/|%2F)response(?:/|%2F)[\w-]{16,}|hooks\.slack\.com/\w"),
    "request signature": re.compile(r"v0(?:=|%3D)[0-9a-f]{32,}"),
    "Slack token": re.compile(r"\bxox[a-z]-[\w-]{4,}|\bxapp-[\w-]{4,}"),
}
_TRACE = re.compile(r"Traceback|\"trace\": ")


def secrets(lab: Lab) -> Row:
    """Scan every log, message and page of the run."""
    logs = [written(bot) for bot in lab.logs]
    messages = [repr(message) for message in lab.sent]
    return Row(
        "X1",
        f"search for {len(lab.secrets)} planted secrets and {len(MADE)} forms of generated ones in "
        f"{sum(len(bot.log) for bot in lab.logs):,} log lines of {_processes(len(logs))}, "
        f"{len(messages):,} messages and {len(lab.pages):,} pages",
        [
            none_of("secret in a log", [*_literal(logs, lab.secrets), *_formed(logs)]),
            none_of("secret in a message", _literal(messages, lab.secrets)),
            none_of("secret in a page", _literal(lab.pages, lab.secrets)),
            none_of("traceback in a log", [at[0] for at in map(_TRACE.search, logs) if at]),
        ],
    )


def messages(lab: Lab) -> Row:
    """Validate every message of the run."""
    found = [problem for message in lab.sent for problem in problems(message, lab.links)]
    return Row(
        "M",
        f"every message of the run ({len(lab.sent):,})",
        [
            none_of(
                "message beyond Slack's limits, without text, or with a typed mention or link",
                found,
            )
        ],
    )


def _literal(texts: Iterable[str], planted: Mapping[str, str]) -> list[str]:
    """Return the descriptions of the secrets in a text."""
    everything = "\n".join(texts)
    return [name for name, secret in planted.items() if secret in everything]


def _formed(texts: Iterable[str]) -> list[str]:
    everything = "\n".join(texts)
    return [name for name, form in MADE.items() if form.search(everything)]


def of_messages(lab: Lab, since: int) -> Finding:
    """Return the finding about the messages of one row."""
    found = [problem for one in lab.sent[since:] for problem in problems(one, lab.links)]
    return none_of(
        "answer beyond Slack's limits, without text, or with a typed mention or link", found
    )


def _processes(number: int) -> str:
    return "one process" if number == 1 else f"{number} processes"
