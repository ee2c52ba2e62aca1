"""The people, channels and messages of a made-up Slack workspace; no HTTP."""

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
        id: Slack's.
        name: what it is called; a direct message, after the one who does not look.
        kind: "im" is between two people, "app" between one and the app.
        topic: what it is for.
        members: the ids of the only people who are in it; empty where everybody is.
    """

    id: str
    name: str
    kind: Literal["public", "private", "im", "app"]
    topic: str
    members: tuple[str, ...] = ()

    @property
    def payload_name(self) -> str:
        """The name that Slack puts into payloads: it keeps those of private ones to itself."""
        hidden = {"private": "privategroup", "im": "directmessage", "app": "directmessage"}
        return hidden.get(self.kind, self.name)


@dataclass(frozen=True)
class ChannelMessage:
    """A message as the workspace shows it.

    Attributes:
        id: Slack's `ts`, unique and rising.
        channel: the channel's id.
        at: when it was posted, seconds since 1970.
        kind: "user" and "command" are what a user typed; "app" is from the bot; "error" is
            Slack's own notice.
        user: the id of who typed it.
        visible_to: the id of the only one who sees it, or None where everybody does.
        text: as typed in "command" and "error" messages, else mrkdwn, as Slack keeps it.
        blocks: Block Kit, if there is any.
        thread: the id of the message that this one replies to, or None outside of threads.
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
        users: by id.
        channels: by id.
        messages: by id, oldest first.
        calls: that apps have registered.
        joined: the ids of the channels in which the bot is a member: its direct messages, until
            it is invited to others.
        messages_tab: whether the app's is on, as its manifest has it; without it, nobody gets
            direct messages from the app.
        oddities: how Slack behaves where public evidence leaves it open.
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
        """Call back with every new, replaced or removed message; return the unsubscriber."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def post(  # noqa: PLR0913 - a message has that many sides
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
        return self._show(message)

    def thread(self, channel: str, message_id: str) -> str | None:
        """Return a message's id if it can have replies, else None.

        Ephemeral messages and replies can't.
        """
        message = self.messages.get(message_id)
        if message is None or (message.channel, message.thread) != (channel, None):
            return None
        return message_id if message.visible_to is None else None

    def replace(self, message_id: str, text: str, blocks: list[Block] | None) -> ChannelMessage:
        """Change the content of a message; its place and its audience stay.

        Raises:
            KeyError: it no longer exists.
        """
        return self._show(replace(self.messages[message_id], text=text, blocks=blocks))

    def remove(self, message_id: str) -> None:
        """Delete a message.

        Raises:
            KeyError: it no longer exists.
        """
        self._tell("removed", self.messages.pop(message_id))

    def _show(self, message: ChannelMessage) -> ChannelMessage:
        self.messages[message.id] = message
        self._tell("message", message)
        return message

    def _tell(self, change: Change, message: ChannelMessage) -> None:
        for callback in list(self._callbacks):
            callback(change, message)
