"""Check the assumptions against the services that the settings name, and print a report."""

import json
import platform
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict

from bot import __version__
from bot.assumptions.assumption import AS_ASSUMED, DIFFERENT, NOT_TRIED, CheckResult
from bot.assumptions.listed import BY_HAND, assumptions
from bot.assumptions.target import Target
from bot.settings.settings import Settings, SettingsError
from bot.telemetry.redaction import Redactor
from bot.transport import open_http

_ALL_AS_ASSUMED, _SOMETHING_DIFFERENT, _WRONG_SETTINGS = 0, 1, 2  # exit codes
_INDENT = " " * 13


async def run(environ: Mapping[str, str], *, created_by: str | None, as_json: bool) -> int:
    """Check everything, clean up, print the report and return the exit code.

    Args:
        environ: the deployment's settings.
        created_by: the Slack member who is named as the call's creator.
        as_json: print JSON, with every answer that came back.

    Returns:
        0 if nothing is different, 1 if something is, 2 if the settings are wrong.
    """
    try:
        settings = Settings.from_env(environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return _WRONG_SETTINGS
    clean = Redactor(settings.secrets)
    results: list[CheckResult] = []
    async with open_http() as http:
        target = Target(settings, http, created_by)
        try:
            async for result in try_all(target):
                results.append(result)
                if not as_json:
                    _print(clean(_line(result)))
        finally:
            left_behind = await target.clean_up()
    if as_json:
        report = _report(settings, results, left_behind)
        _print(clean(json.dumps(report, indent=2, ensure_ascii=False)))
    else:
        _print(clean(_summary(results, left_behind)))
    has_difference = any(result.outcome == DIFFERENT for result in results)
    return _SOMETHING_DIFFERENT if has_difference else _ALL_AS_ASSUMED


async def try_all(target: Target) -> AsyncIterator[CheckResult]:
    """Yield the outcome of one check after the other."""
    account = target.videosdk
    for assumption in assumptions(account.version, has_notes=account.has_notes):
        yield await assumption.try_on(target)


def _line(result: CheckResult) -> str:
    """Return the outcome of a check; only a difference needs more than a line."""
    assumption = result.assumption
    seen = "" if assumption.accepted == (result.saw,) else f" ({result.saw})"
    lines = [f"{result.outcome:<13}{result.id}: {assumption.sentence}{seen}"]
    if result.outcome == DIFFERENT:
        lines += [f"{_INDENT}{answer}" for answer in result.answers]
        lines.append(f"{_INDENT}Source: {assumption.source}")
    return "\n".join(lines)


def _summary(results: Sequence[CheckResult], left_behind: Sequence[str]) -> str:
    counts = [
        f"{outcome}: {sum(result.outcome == outcome for result in results)}"
        for outcome in (AS_ASSUMED, DIFFERENT, NOT_TRIED)
    ]
    by_hand = [f"{'by hand':<13}{one.id}: {one.sentence}\n{_INDENT}{one.steps}" for one in BY_HAND]
    left = [f"{'left behind':<13}{thing}" for thing in left_behind]
    return "\n".join([*by_hand, *left, f"{', '.join(counts).capitalize()}."])


def _report(
    settings: Settings, results: Sequence[CheckResult], left_behind: Sequence[str]
) -> dict[str, object]:
    return {
        "version": __version__,
        "python": platform.python_version(),
        "videosdk_api_version": settings.videosdk_api_version,
        "ok": not any(result.outcome == DIFFERENT for result in results),
        "assumptions": [
            {
                "id": result.id,
                "sentence": result.assumption.sentence,
                "source": result.assumption.source,
                "accepted": result.assumption.accepted,
                "outcome": result.outcome,
                "saw": result.saw,
                "answers": [answer.report() for answer in result.answers],
            }
            for result in results
        ],
        "by_hand": [asdict(one) for one in BY_HAND],
        "left_behind": left_behind,
    }


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
