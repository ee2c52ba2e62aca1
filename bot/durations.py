"""Format counts and durations in words."""

from math import ceil

_MINUTE, _HOUR, _DAY = 60, 3600, 86400  # seconds


def counted(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun, like `1 minute` or `2 people`.

    Args:
        number: the number.
        singular: the noun.
        plural: its plural; by default with an s.
    """
    return f"{number} {singular if number == 1 else plural or f'{singular}s'}"


def lasted(seconds: float) -> str:
    """Return a duration: `25 minutes`, and from two hours on `2 hours 30 minutes`."""
    minutes = round(seconds / _MINUTE)
    if minutes < 1:
        return "less than a minute"
    if minutes < 2 * _HOUR / _MINUTE:
        return counted(minutes, "minute")
    hours, rest = divmod(minutes, 60)
    return counted(hours, "hour") + (f" {counted(rest, 'minute')}" if rest else "")


def ago(seconds: float) -> str:
    """Return how long ago something happened: `just now`, `5 minutes ago`, `2 days ago`."""
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
    """Return a time to wait, rounded up: `30 seconds`, `3 hours`."""
    for unit, size in (("hours", _HOUR), ("minutes", _MINUTE)):
        if seconds > 2 * size:
            return f"{ceil(seconds / size)} {unit}"
    return "a second" if seconds <= 1 else f"{ceil(seconds)} seconds"
