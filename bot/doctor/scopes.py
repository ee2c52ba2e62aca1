"""Check the scopes that the app was granted, and say what each one buys."""

from collections.abc import Iterable

from bot.doctor.trouble import TroubleError
from bot.manifest import scopes

BUYS = {
    "commands": "the commands, shortcuts and buttons",
    "calls:write": "live cards",
    "chat:write": "Start again posts a card, Take notes a reply, INVITES=message messages",
    "chat:write.public": "Start again in public channels that the app isn't in",
}
_LIVE_CARDS = {"calls:write"}
_MESSAGES = {"chat:write"}
_OPTIONAL = {"chat:write", "chat:write.public"}  # in the manifest


def check_scopes(
    granted: Iterable[str], *, has_live_cards: bool, sends_messages: bool = False
) -> str:
    """Return what each granted scope is for, and which optional scopes are missing.

    Raises:
        TroubleError: one that isn't optional is missing.
    """
    missing = set(scopes()) - set(granted)
    optional = _OPTIONAL - _MESSAGES if sends_messages else _OPTIONAL
    if needed := missing - optional:
        raise TroubleError(
            f"lacks {_listed(needed)}",
            "Replace the app's manifest with what python -m bot manifest prints, then reinstall "
            "the app.",
            harmless=needed <= _LIVE_CARDS and not has_live_cards,
        )
    told = _listed(set(scopes()) - missing)
    return f"{told}; lacks {_listed(missing)}" if missing else told


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{name} ({BUYS[name]})" for name in sorted(names))
