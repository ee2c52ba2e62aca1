"""Check a deployment: print one line per check, with a fix for what is wrong."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from bot.doctor.checks import Check, Checks
from bot.doctor.trouble import OK, UNPROVEN, WARNING, WRONG, TroubleError
from bot.settings.public_address import public_address
from bot.settings.settings import Settings, SettingsError, list_unknown
from bot.telemetry.redaction import Redactor
from bot.telemetry.terminal import writes_utf8
from bot.transport import Policy, open_http, open_transport

DEADLINE = 10.0  # seconds for one check

_EXIT_OK, _EXIT_WRONG, _EXIT_SETTINGS = 0, 1, 2


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        about: the setting or the thing that was checked.
        level: `ok`, `unproven`, `warning` or `wrong`.
        says: the result, in words.
        fix: how to fix or prove it; "" if nothing is wrong.
        ms: the check's duration in milliseconds.
    """

    about: str
    level: str
    says: str
    fix: str = ""
    ms: int = 0


async def run(environ: Mapping[str, str], *, as_json: bool) -> int:
    """Check a deployment and print the findings.

    Returns:
        The exit code: 0 if nothing is wrong, 1 if something is, 2 if the settings are.
    """
    found = []
    async for finding in examine(environ):
        found.append(finding)
        if not as_json:
            _print(_line(finding))
    wrong = [finding.about for finding in found if finding.level == WRONG]
    if as_json:
        checks = [asdict(finding) for finding in found]
        report = {"ok": not wrong, "checks": checks}
        _print(json.dumps(report, indent=2, ensure_ascii=not writes_utf8(sys.stdout)))
    else:
        _print(_summary(found))
    if "settings" in wrong:
        return _EXIT_SETTINGS
    return _EXIT_WRONG if wrong else _EXIT_OK


async def examine(environ: Mapping[str, str]) -> AsyncIterator[Finding]:
    """Yield findings, with secrets masked; if the settings are wrong, nothing else is checked."""
    try:
        settings = Settings.from_env(environ)
    except SettingsError as error:
        says, *problems = str(error).splitlines()
        yield Finding("settings", WRONG, says, "\n".join(line.strip() for line in problems))
        return
    yield Finding("settings", OK, _describe_settings(settings, public_address(environ)[1]))
    if unknown := list_unknown(environ):
        yield Finding(
            "unknown settings", WARNING, unknown, "Rename or remove them: nothing reads them."
        )
    clean = Redactor(settings.secrets)  # servers may quote the request in an error
    async with open_http(open_transport(policy=Policy.of(settings))) as http:
        for about, check in Checks(settings, http).in_order().items():
            started = time.monotonic()
            finding = await _run_check(about, check)
            ms = round((time.monotonic() - started) * 1000)
            yield replace(finding, says=clean(finding.says), ms=ms)


def _describe_settings(settings: Settings, source: str) -> str:
    mode = "Socket Mode" if settings.slack_app_token else "HTTP"
    text = f"complete, for {mode} and VideoSDK {settings.videosdk_api_version}"
    return f"{text}; the public address is from {source}" if source else text


async def _run_check(about: str, check: Check) -> Finding:
    try:
        async with asyncio.timeout(DEADLINE):
            return Finding(about, OK, await check())
    except TroubleError as trouble:
        return Finding(about, trouble.level, str(trouble), trouble.fix)
    except TimeoutError:
        says = f"no answer within {DEADLINE:g} seconds"
        return Finding(about, WRONG, says, "Check this machine's network, and try again.")
    except Exception as error:  # noqa: BLE001 - libraries raise all sorts for odd addresses
        says = f"can't be checked: {type(error).__name__}"  # the error's text may quote a secret
        return Finding(about, WRONG, says, "Check the addresses in the settings.")


def _line(finding: Finding) -> str:
    first = f"{finding.level:8}{finding.ms:>6} ms  {finding.about}: {finding.says}"
    return "\n".join([first, *(f"{'':19}{line}" for line in finding.fix.splitlines())])


def _summary(found: Sequence[Finding]) -> str:
    """Return the last line, which says the same as the exit code."""
    wrong, warnings, unproven = (
        sum(finding.level == level for finding in found) for level in (WRONG, WARNING, UNPROVEN)
    )
    if not wrong and not warnings and not unproven:
        return "Everything is fine."
    counted = {"Wrong": wrong, "Warnings": warnings, "Not proven yet": unproven}
    counts = [f"{what}: {number}." for what, number in counted.items() if number]
    return " ".join(counts if wrong else ["Nothing is wrong.", *counts])


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
