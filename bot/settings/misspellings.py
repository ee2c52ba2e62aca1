"""Find misspelled settings in the environment."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

_PREFIXES = ("SLACK_", "VIDEOSDK_", "MEETINGS_", "LOG_")
# Thresholds of difflib's ratio.
_SIMILAR = 0.75  # for names with one of our prefixes
_ALMOST_EQUAL = 0.87  # for other names: VIDEO_SDK_API_KEY passes, TEST_DATABASE_URL does not
_NAME = re.compile(r"[a-z]\w{2,63}", re.IGNORECASE | re.ASCII)
# Other programs' variables: Slack tools', curl's and systemd's.
_FOREIGN = {
    *("SLACK_APP_ID", "SLACK_TEAM_ID", "SLACK_USER_TOKEN", "SLACK_VERIFICATION_TOKEN"),
    *("SLACK_CHANNEL", "SLACK_CHANNEL_ID", "SLACK_WEBHOOK", "SLACK_WEBHOOK_URL"),
    *("https_proxy", "http_proxy", "no_proxy", "LOG_NAMESPACE"),
}
# Kubernetes sets these for every service in the namespace: SLACK_SERVICE_HOST, SLACK_PORT_80_TCP.
# https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
_SERVICE = re.compile(r"\w+_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_\w+)?)")


def misspelled(environ: Mapping[str, str], known: Collection[str]) -> dict[str, str | None]:
    """Return names that look like settings but aren't, each with the nearest setting, if any.

    A name without one of our prefixes counts if it is almost the name of an unset setting.

    Args:
        environ: the environment.
        known: the names of all settings.
    """
    names = [name for name, value in environ.items() if value.strip() and _NAME.fullmatch(name)]
    unset = [name for name in known if not environ.get(name, "").strip()]
    found: dict[str, str | None] = {}
    for name in sorted(set(names) - set(known) - _FOREIGN):
        looks_ours = name.upper().startswith(_PREFIXES) and not _SERVICE.fullmatch(name)
        if looks_ours:
            found[name] = _nearest(name, known, _SIMILAR)
        elif nearest := _nearest(name, unset, _ALMOST_EQUAL):
            found[name] = nearest
    return found


def _nearest(name: str, known: Collection[str], similarity: float) -> str | None:
    return next(iter(get_close_matches(name.upper(), known, 1, similarity)), None)
