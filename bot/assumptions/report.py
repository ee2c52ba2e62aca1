"""Check the assumptions against a deployment's services, and print a report."""

import json
import platform
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict

from bot import __version__
from bot.assumptions.assumption import AS_ASSUMED, DIFFERENT, NOT_TRIED, CheckResult
from bot.assumptions.listed import BY_HAND, assumptions
from bot.assumptions.target import Target
from bot.settings.settings import Settings
from bot.telemetry.redaction import Redactor
from bot.transport import open_http

_INDENT = " " * 13


async def run(environ: Mapping[str, str], *, created_by: str | None, as_json: bool) -> int:
    """Check all assumptions, clean up, and print the report.

    Args:
        environ: the deployment's settings.
        created_by: the user ID of the call's creator.
        as_json: print JSON, with every answer.

    Returns:
        The exit code: 0 if nothing is different, 1 if something is.

    Raises:
        SettingsError: the settings are wrong.
    """
    settings = Settings.from_env(environ)
    clean = Redactor(settings.secrets)
    results: list[CheckResult] = []
    async with open_http() as http:
        target = Target(settings, http, created_by)
        try:
            async for result in check_all(target):
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
    return int(any(result.outcome == DIFFERENT for result in results))


async def check_all(target: Target) -> AsyncIterator[CheckResult]:
    """Run the checks in order, and yield their results."""
    account = target.videosdk
    for assumption in assumptions(account.version, has_notes=account.has_notes):
        yield await assumption.try_on(target)


def _line(result: CheckResult) -> str:
    """Return a result in one line; a difference adds the answers and the source."""
    assumption = result.assumption
    seen = "" if assumption.accepted == (result.saw,) else f" ({result.saw})"
    lines = [f"{result.outcome:<13}{assumption.id}: {assumption.sentence}{seen}"]
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
                "id": result.assumption.id,
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
