"""Counts and durations in words."""

from math import ceil

_MINUTE, _HOUR, _DAY = 60, 3600, 86400  # seconds


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 minute`, `2 people`."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def lasted(seconds: float) -> str:
    """Return how long something was: in minutes, and from two hours on in hours."""
    minutes = round(seconds / _MINUTE)
    if minutes < 1:
        return "less than a minute"
    if minutes < 2 * _HOUR / _MINUTE:
        return counted(minutes, "minute")
    hours, rest = divmod(minutes, 60)
    return counted(hours, "hour") + (f" {counted(rest, 'minute')}" if rest else "")


def ago(seconds: float) -> str:
    """Return how long ago something was."""
    minutes = round(seconds / _MINUTE)
    if minutes < 1:
        return "just now"
    if minutes < 2 * _HOUR / _MINUTE:
        return f"{counted(minutes, 'minute')} ago"
    hours = round(minutes / 60)
    if hours < 2 * _DAY / _HOUR:
        return f"{hours} hours ago"
    return f"{round(hours / 24)} days ago"


def wait(seconds: float) -> str:
    """Return a time to wait, rounded up so that it is long enough."""
    for unit, size in (("hours", _HOUR), ("minutes", _MINUTE)):
        if seconds > 2 * size:
            return f"{ceil(seconds / size)} {unit}"
    return "a second" if seconds <= 1 else f"{ceil(seconds)} seconds"
