"""All assumptions, including those that only a person can check.

They are taken from public sources: documentation, npm packages, and repositories on GitHub.
`python -m bot doctor --live` checks them against the real services.
"""

from dataclasses import dataclass

from bot.assumptions.about_slack import SLACK
from bot.assumptions.about_videosdk import V1, V2, V2_WITH_NOTES
from bot.assumptions.assumption import Assumption


@dataclass(frozen=True)
class ByHand:
    """An assumption that no request can check.

    Attributes:
        id: a short name.
        sentence: the behaviour.
        steps: how to try it.
    """

    id: str
    sentence: str
    steps: str


BY_HAND = (
    ByHand(
        "click-message",
        "A click on a card that answered a slash command identifies its message.",
        "Post a card with /meet and stop the bot. Start the script in docs/real-services.md, and "
        "click the card's menu. Is there a message_ts?",
    ),
    ByHand(
        "call-in-answer",
        "The public answer to a slash command can have a call in it.",
        "With VIDEOSDK_API_VERSION=v2 and PUBLIC_URL, type /meet. Does Slack show a call with "
        "Join? If the command fails instead, set LIVE_CARDS=off.",
    ),
    ByHand(
        "call-follows",
        "VideoSDK reports who joins and leaves, and a session ends when nobody is left.",
        "Join from that card: are you shown on it? Close the browser's tab: does the card say "
        "within two minutes that the call is over?",
    ),
    ByHand(
        "card-mentions",
        "Slack tells the bot who a command mentions, and notifies people whom the answer mentions.",
        "Type /meet and @ a colleague. Is their name on the card, and not in its title? Did Slack "
        "notify them?",
    ),
    ByHand(
        "message-to-user",
        "The app's direct message reaches people who have never used it, with chat:write alone.",
        "With INVITES=message, type /meet and @ a colleague. Did they get the card from the app?",
    ),
    ByHand(
        "sign-in-claims",
        "Slack's ID token has the nonce, the workspace, the user, their name and their picture.",
        "With SIGN_IN=optional, join as you are in Slack. Are you in the meeting under your own "
        "name, with your picture above it?",
    ),
    ByHand(
        "sign-in-member",
        "A call shows a member by their slack_id, and VideoSDK's page accepts their long ID.",
        "Join that way from a live card. Does it show your face, and only until you leave?",
    ),
    ByHand(
        "page-moderator",
        "VideoSDK's page shows a moderator's buttons to whoever has allow_mod.",
        "Join that way from a card that you started. Can you mute and remove somebody else?",
    ),
    ByHand(
        "link-unfurl",
        "A pasted link can unfurl as a call, even before it's sent, and in channels without the "
        "app.",
        "Paste a live card's join link into a channel without the app. Does the composer show a "
        "preview? Send it: does the message show a call that follows who joins and leaves?",
    ),
    ByHand(
        "page-rejoin",
        "VideoSDK's page leads back into the meeting.",
        "Join, leave by the page's own button, and rejoin. Are you back, with the same name?",
    ),
)


def assumptions(version: str, *, has_notes: bool = False) -> tuple[Assumption, ...]:
    """Return the assumptions of a deployment.

    Args:
        version: of VideoSDK's API.
        has_notes: whether calls are transcribed.
    """
    known = {"v1": V1, "v2": V2_WITH_NOTES if has_notes else V2}
    return known[version] + SLACK
