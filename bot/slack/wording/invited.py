"""Sentences about inviting people."""

from bot.durations import counted

TOO_MANY = (
    "I can invite at most {most} people at once, and that's {count}. So I haven't done anything. "
    "Please mention fewer."
)
UNKNOWN = (
    "Slack didn't tell me who {word} is, so I didn't invite them and kept it in the name. To "
    "invite somebody, pick them from the list that Slack shows after an @. If you did, please ask "
    "whoever set me up to update my Slack app with my new manifest."
)
NOT_SENT = "My direct message to {} may not have arrived. Please tell them yourself."
NOT_ALLOWED = (
    "I can't send direct messages here, so only the card invites {}. Please ask whoever set me up "
    "to update my Slack app with my manifest: I need `chat:write` and the Messages tab."
)


def too_many_messages(who: str, limit: int, _: float) -> str:
    """Return the sentence for somebody who has invited too many people within an hour.

    Args:
        who: whose limit it is: `You've`.
        limit: the limit.
    """
    people = counted(limit, "person", "people")
    return (
        f"{who} invited {people} by direct message in the last hour, the most I allow. The others "
        "are only mentioned on the card."
    )
