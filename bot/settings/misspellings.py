"""Names in the environment that look like a setting of ours, but that nothing reads."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

_PREFIXES = ("SLACK_", "VIDEOSDK_", "MEETINGS_", "LOG_")
_SIMILAR = 0.75  # of names with our prefixes, by difflib's ratio
_ALMOST_EQUAL = 0.87  # of other names: VIDEO_SDK_API_KEY is close, TEST_DATABASE_URL is not
_NAME = re.compile(r"[a-z]\w{2,63}", re.IGNORECASE | re.ASCII)
# No slips: values of a Slack app that other tools read, what every program reads in small letters,
# and systemd's own.
_OTHERS = {
    *("SLACK_APP_ID", "SLACK_TEAM_ID", "SLACK_USER_TOKEN", "SLACK_VERIFICATION_TOKEN"),
    *("SLACK_CHANNEL", "SLACK_CHANNEL_ID", "SLACK_WEBHOOK", "SLACK_WEBHOOK_URL"),
    *("https_proxy", "http_proxy", "no_proxy", "LOG_NAMESPACE"),
}
# Kubernetes describes every service to its neighbours: SLACK_SERVICE_HOST, SLACK_PORT_80_TCP.
# https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
_SERVICE = re.compile(r"\w+_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_\w+)?)")


def misspelled(environ: Mapping[str, str], known: Collection[str]) -> dict[str, str | None]:
    """Return names that look like settings, each with the setting it is nearest to, if any.

    A name without one of our prefixes counts if it is almost one of ours that is not set.

    Args:
        environ: the environment.
        known: the settings that there are.
    """
    names = [name for name, value in environ.items() if value.strip() and _NAME.fullmatch(name)]
    unset = [name for name in known if not environ.get(name, "").strip()]
    found: dict[str, str | None] = {}
    for name in sorted(set(names) - set(known) - _OTHERS):
        looks_ours = name.upper().startswith(_PREFIXES) and not _SERVICE.fullmatch(name)
        if looks_ours:
            found[name] = _nearest(name, known, _SIMILAR)
        elif nearest := _nearest(name, unset, _ALMOST_EQUAL):
            found[name] = nearest
    return found


def _nearest(name: str, known: Collection[str], similarity: float) -> str | None:
    return next(iter(get_close_matches(name.upper(), known, 1, similarity)), None)
