"""The people, channels and messages of a made-up Slack workspace."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.sandbox.slack.calls import SlackCalls
from bot.sandbox.slack.oddities import SlackOddities

Block = dict[str, Any]


@dataclass(frozen=True)
class User:
    """A member of the workspace."""

    id: str
    name: str
    handle: str
    color: str


@dataclass(frozen=True)
class Channel:
    """A conversation.

    Attributes:
        id: Slack's ID.
        name: its name; a direct message has the other person's.
        kind: "im" is between two people, "app" between a person and the app.
        topic: its topic.
        members: the IDs of its members; empty if everyone is one.
    """

    id: str
    name: str
    kind: Literal["public", "private", "im", "app"]
    topic: str
    members: tuple[str, ...] = ()

    @property
    def payload_name(self) -> str:
        """The name in payloads, where Slack hides the names of private conversations."""
        hidden = {"private": "privategroup", "im": "directmessage", "app": "directmessage"}
        return hidden.get(self.kind, self.name)


@dataclass(frozen=True)
class ChannelMessage:
    """A message in the workspace.

    Attributes:
        id: Slack's `ts`, unique and ascending.
        channel: the channel's ID.
        at: when it was posted, in seconds since 1970.
        kind: "user" or "command" if a user typed it, "app" if it is from the bot, "error" if it
            is Slack's own notice.
        user: the ID of the user who typed it.
        visible_to: the ID of the only user who sees it, or None if everyone does.
        text: plain text in "command" and "error" messages, else mrkdwn.
        blocks: Block Kit blocks, if any.
        thread: the ID of the message that it replies to, or None outside threads.
    """

    id: str
    channel: str
    at: float
    kind: Literal["user", "command", "app", "error"]
    user: str | None
    visible_to: str | None
    text: str
    blocks: list[Block] | None
    thread: str | None = None


TEAM_ID = "T04LIGHTHS"
TEAM_DOMAIN = "lighthouse-works"
TEAM_NAME = "Lighthouse Works"
BOT_NAME = "Meet"

USERS = (
    User("U04MAYA0RT", "Maya Ortega", "maya", "#5b21b6"),
    User("U04JONASBK", "Jonas Becker", "jonas", "#115e59"),
    User("U04PRIYANR", "Priya Nair", "priya", "#9a3412"),
)
CHANNELS = (
    Channel("C04STANDUP", "team-standup", "public", "Mornings at ten, fifteen minutes"),
    Channel("C04PRIVATE", "launch-plan", "private", "Until it is announced, only here"),
    Channel("D04MAYAJON", "Jonas Becker", "im", "", ("U04MAYA0RT", "U04JONASBK")),
)
APP_MESSAGES = tuple(
    Channel(f"D04MEET{user.handle.upper()}", BOT_NAME, "app", "", (user.id,)) for user in USERS
)

Change = Literal["message", "removed"]


class SlackWorkspace:
    """One team's users, channels and messages.

    Attributes:
        users: the users, by ID.
        channels: the channels, by ID.
        messages: the messages, by ID, oldest first.
        calls: the registered calls.
        joined: the IDs of the channels that the bot is in: by default, its direct messages.
        messages_tab: whether the app's Messages tab is on in its manifest; if not, it can't send
            direct messages.
        oddities: behaviours of Slack that the public evidence leaves open.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        team_id: str = TEAM_ID,
        oddities: SlackOddities | None = None,
    ) -> None:
        self.oddities = oddities or SlackOddities()
        self.users = {user.id: user for user in USERS}
        self.channels = {one.id: one for one in (*CHANNELS, *APP_MESSAGES)}
        self.messages: dict[str, ChannelMessage] = {}
        self.calls = SlackCalls(clock, prefix=f"R{team_id[1:3]}CALL")
        self.joined = {channel.id for channel in APP_MESSAGES}
        self.messages_tab = True
        self._clock = clock
        self._newest = 0  # microseconds since 1970
        self._callbacks: list[Callable[[Change, ChannelMessage], None]] = []

    def subscribe(self, callback: Callable[[Change, ChannelMessage], None]) -> Callable[[], None]:
        """Call back for each new, replaced or removed message; return a function to unsubscribe."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def post(  # noqa: PLR0913 - a message has this many parts
        self,
        channel: str,
        kind: Literal["user", "command", "app", "error"],
        text: str,
        *,
        blocks: list[Block] | None = None,
        user: str | None = None,
        visible_to: str | None = None,
        thread: str | None = None,
    ) -> ChannelMessage:
        """Add a message to a channel, or to the thread under one of its messages."""
        self._newest = max(round(self._clock() * 1_000_000), self._newest + 1)
        seconds, micros = divmod(self._newest, 1_000_000)
        message = ChannelMessage(
            id=f"{seconds}.{micros:06}",
            channel=channel,
            at=self._newest / 1_000_000,
            kind=kind,
            user=user,
            visible_to=visible_to,
            text=text,
            blocks=blocks,
            thread=thread,
        )
        return self._store(message)

    def thread(self, channel: str, message_id: str) -> str | None:
        """Return a message's ID if it can have replies, else None.

        Ephemeral messages and replies can't.
        """
        message = self.messages.get(message_id)
        if message is None or (message.channel, message.thread) != (channel, None):
            return None
        return message_id if message.visible_to is None else None

    def replace(self, message_id: str, text: str, blocks: list[Block] | None) -> ChannelMessage:
        """Change a message's content; its position and audience stay.

        Raises:
            KeyError: it no longer exists.
        """
        return self._store(replace(self.messages[message_id], text=text, blocks=blocks))

    def remove(self, message_id: str) -> None:
        """Delete a message.

        Raises:
            KeyError: it no longer exists.
        """
        self._notify("removed", self.messages.pop(message_id))

    def _store(self, message: ChannelMessage) -> ChannelMessage:
        self.messages[message.id] = message
        self._notify("message", message)
        return message

    def _notify(self, change: Change, message: ChannelMessage) -> None:
        for callback in list(self._callbacks):
            callback(change, message)
