"""Contents of links: conversations, meetings, replies, and the workspaces they belong to."""

from dataclasses import dataclass

from bot.participant_ids import CallRef
from bot.workspace import Workspace


@dataclass(frozen=True)
class Conversation:
    """A conversation in Slack, which named meetings belong to.

    Attributes:
        workspace: the workspace or organisation that it is in.
        channel_id: the channel's ID.
        thread_ts: the thread that the card is in, if any.
    """

    workspace: Workspace
    channel_id: str
    thread_ts: str | None = None


@dataclass(frozen=True)
class JoinLink:
    """The content of a join link.

    Attributes:
        meeting_id: VideoSDK's ID of the meeting, or the one that the bot gave it.
        name: the meeting's name, if it has one.
        call: the Slack call whose card shows people who join with this link, if any.
        place: the card's conversation, where the meeting can be started again; None in links from
            version 1.0.0 and from plain cards.
        starter: the user ID of whoever started or shared the meeting, or looked it up.
        made_in: the link's owner, if neither call nor place says it; None in plain cards' links
            from version 1.0.0.
        is_starters: whether that user moderates the meeting after signing in.
    """

    meeting_id: str
    name: str | None = None
    call: CallRef | None = None
    place: Conversation | None = None
    starter: str | None = None
    made_in: Workspace | None = None
    is_starters: bool = False

    @property
    def owner(self) -> Workspace | None:
        """The workspace or organisation that the link belongs to; None if it doesn't say."""
        source = self.place or self.call
        owner = source.workspace if source else self.made_in
        return owner if owner and owner.id else None

    @property
    def workspace_id(self) -> str:
        """The ID of the link's workspace or organisation; "" if it has none."""
        return self.owner.id if self.owner else ""


@dataclass(frozen=True)
class NotesLink:
    """The content of a transcription's webhook address: the reply that shows its notes.

    Attributes:
        place: the reply's conversation.
        ts: the reply's timestamp.
        room_id: VideoSDK's room ID.
        user_id: who turned notes on.
        starter: who started the meeting; "" if the card doesn't say.
        kind: the kind of notes.
    """

    place: Conversation
    ts: str
    room_id: str
    user_id: str
    starter: str = ""
    kind: str = "transcript"

    @property
    def key(self) -> tuple[str, str]:
        """The reply's identity: channel and timestamp."""
        return self.place.channel_id, self.ts
