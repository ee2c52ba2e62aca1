"""Apply a bot's answers to commands, clicks and shortcuts, like Slack.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

from collections.abc import Iterable
from typing import Any

from bot.sandbox.slack.blockkit import problems, with_ids
from bot.sandbox.slack.calls import SlackCalls
from bot.sandbox.slack.workspace import Block, Channel, ChannelMessage, SlackWorkspace, User

Answer = dict[str, Any]

UNKNOWN_COMMAND = (
    "{} is not a valid command. In Slack, all messages that start with the “/” character are "
    "interpreted as commands. If you are trying to send a message and not run a command, try "
    "preceding the “/” with an empty space."
)


class RefusedAnswerError(Exception):
    """Slack rejects an answer; the message is Slack's error code.

    Attributes:
        details: the problems in its blocks.
    """

    def __init__(self, error: str, details: list[str] | None = None) -> None:
        super().__init__(error)
        self.details = details or []


class Interaction:
    """A command, click or shortcut, which the bot may answer several times.

    Args:
        workspace: the workspace where answers appear.
        typed: the command line.
        clicked: the message with the clicked button.

    Attributes:
        user: the user who acted.
        channel: the channel where they did.
        messages: all resulting messages so far.
    """

    def __init__(
        self,
        workspace: SlackWorkspace,
        user: User,
        channel: Channel,
        *,
        typed: str = "",
        clicked: ChannelMessage | None = None,
    ) -> None:
        self._workspace = workspace
        self.user = user
        self.channel = channel
        self._typed = typed
        self._clicked = clicked
        self.messages: list[ChannelMessage] = []

    def acknowledge(self, answer: Answer) -> str:
        """Apply the acknowledgement of a command; return Slack's error, or ""."""
        try:
            text, blocks = self._content(answer)
        except RefusedAnswerError as refusal:
            self.fail(str(refusal), refusal.details)
            return str(refusal)
        if _is_public(answer):
            echo = self._workspace.post(self.channel.id, "command", self._typed, user=self.user.id)
            self.messages.append(echo)
        if text or blocks:
            self._post(answer, text, blocks)
        return ""

    def respond(self, answer: Answer) -> None:
        """Apply a message posted to the response_url.

        Only a click has an original message to replace or delete. A public message with a
        `thread_ts` goes into that thread, if possible.

        Raises:
            RefusedAnswerError: Slack rejects it.
        """
        if self._clicked and _is_set(answer, "delete_original"):
            self._remove(self._clicked)
            return
        text, blocks = self._content(answer)
        if not text and not blocks:
            raise RefusedAnswerError("no_text")
        if self._clicked and _is_set(answer, "replace_original"):
            self._replace(self._clicked, text, blocks)
        else:
            self._post(answer, text, blocks)

    def fail(self, error: str, details: Iterable[str] = ()) -> None:
        """Show the user Slack's own message about a failed command."""
        command = self._typed.partition(" ")[0]
        self.notice("\n".join([f'{command} failed with the error "{error}"', *details]))

    def notice(self, text: str) -> None:
        """Show the user a message from Slack itself."""
        self.messages.append(
            self._workspace.post(self.channel.id, "error", text, visible_to=self.user.id)
        )

    def _content(self, answer: Answer) -> tuple[str, list[Block] | None]:
        text, blocks = read_content(answer, self._workspace.calls)
        if self._workspace.oddities.refuses_call_block and _is_public(answer):
            calls = [block for block in blocks or [] if block["type"] == "call"]
            if calls:
                raise RefusedAnswerError("invalid_blocks", ["call: not in answers"])
        return text, blocks

    def _post(self, answer: Answer, text: str, blocks: list[Block] | None) -> None:
        public = _is_public(answer)
        thread = self._workspace.thread(self.channel.id, str(answer.get("thread_ts")))
        message = self._workspace.post(
            self.channel.id,
            "app",
            text,
            blocks=blocks,
            visible_to=None if public else self.user.id,
            thread=thread if public else None,
        )
        self.messages.append(message)

    def _replace(self, original: ChannelMessage, text: str, blocks: list[Block] | None) -> None:
        try:
            self.messages.append(self._workspace.replace(original.id, text, blocks))
        except KeyError:
            raise RefusedAnswerError("message_not_found") from None

    def _remove(self, original: ChannelMessage) -> None:
        try:
            self._workspace.remove(original.id)
        except KeyError:
            raise RefusedAnswerError("message_not_found") from None


def read_content(answer: Answer, calls: SlackCalls) -> tuple[str, list[Block] | None]:
    """Return an answer's text, and its blocks with the IDs that Slack adds.

    Raises:
        RefusedAnswerError: Slack rejects the blocks.
    """
    text, blocks = str(answer.get("text") or ""), answer.get("blocks") or None
    if blocks is None:
        return text, None
    if found := problems(blocks) or _unknown_calls(blocks, calls):
        raise RefusedAnswerError("invalid_blocks", found)
    return text, with_ids(blocks)


def _unknown_calls(blocks: list[Block], calls: SlackCalls) -> list[str]:
    shown = [block["call_id"] for block in blocks if block["type"] == "call"]
    return [f"call_id {key!r}: no such call" for key in shown if str(key) not in calls.by_id]


def _is_public(answer: Answer) -> bool:
    return answer.get("response_type") == "in_channel"


def _is_set(answer: Answer, name: str) -> bool:
    return answer.get(name) in (True, "true")
