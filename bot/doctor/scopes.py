"""Check the app's scopes, and say what each is for."""

from collections.abc import Iterable

from bot.doctor.trouble import WARNING, WRONG, TroubleError
from bot.manifest import scopes

PURPOSES = {
    "commands": "the commands, shortcuts and buttons",
    "calls:write": "live cards",
    "chat:write": "cards by Start again, replies by Take notes, messages by INVITES=message",
    "chat:write.public": "Start again in public channels that the app isn't in",
    "links:read": "noticing join links that people paste",
    "links:write": "the live call below a pasted join link",
}
_LIVE_CARDS = {"calls:write"}
_MESSAGES = {"chat:write"}
_OPTIONAL = {"chat:write", "chat:write.public", "links:read", "links:write"}  # in the manifest


def check_scopes(
    granted: Iterable[str], *, has_live_cards: bool, sends_messages: bool = False
) -> str:
    """Check the granted scopes; return what each is for, and which optional ones are missing.

    Raises:
        TroubleError: a required scope is missing.
    """
    missing = set(scopes()) - set(granted)
    optional = _OPTIONAL - _MESSAGES if sends_messages else _OPTIONAL
    if needed := missing - optional:
        raise TroubleError(
            f"lacks {_list(needed)}",
            "Replace the app's manifest with what python -m bot manifest prints, then reinstall "
            "the app.",
            WARNING if needed <= _LIVE_CARDS and not has_live_cards else WRONG,
        )
    text = _list(set(scopes()) - missing)
    return f"{text}; lacks {_list(missing)}" if missing else text


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"{name} ({PURPOSES[name]})" for name in sorted(names))
