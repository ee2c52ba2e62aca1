"""Find the bot's public address: `PUBLIC_URL`, or a variable that the host sets."""

from collections.abc import Mapping

# https://render.com/docs/environment-variables
# https://docs.railway.com/reference/variables
# https://fly.io/docs/machines/runtime-environment
HOST_VARIABLES = {
    "RENDER_EXTERNAL_URL": "{}",
    "RAILWAY_PUBLIC_DOMAIN": "https://{}",
    "FLY_APP_NAME": "https://{}.fly.dev",
}
# The fix that the log and the doctor give where cards have no Join button.
TURN_ON_JOIN = (
    "Set PUBLIC_URL to the address where people reach this bot, like "
    "https://your-meet.example.com. On a laptop, open a tunnel: see the README."
)
# The fix that they give where NOTES is on, but cards aren't live.
TURN_ON_NOTES = (
    "NOTES needs live cards: set VIDEOSDK_API_VERSION to v2 and PUBLIC_URL to this bot's address, "
    "leave LIVE_CARDS on, and remove JOIN_URL_TEMPLATE."
)


def public_address(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the bot's address and the variable that it comes from; both are "" if unknown.

    `PUBLIC_URL` wins over the host's variables: it may be the operator's own domain.
    """
    for name, pattern in {"PUBLIC_URL": "{}", **HOST_VARIABLES}.items():
        if value := environ.get(name, "").strip():
            return pattern.format(value), name
    return "", ""
