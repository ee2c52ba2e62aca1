"""Answer the methods by which an app posts messages in its own name.

https://docs.slack.dev/reference/methods/chat.postMessage
https://docs.slack.dev/reference/methods/chat.postEphemeral
"""

from bot.sandbox.arguments import Answer, Arguments, Method
from bot.sandbox.errors import MethodError
from bot.sandbox.interactions import RefusedAnswerError, read_content
from bot.sandbox.workspace import Block, Message, Workspace

WRITE = "chat:write"


def chat_methods(workspace: Workspace) -> dict[str, Method]:
    """Return the methods by which an app posts to the channels that it has joined."""
    api = _ChatApi(workspace)
    return {
        "chat.postMessage": Method(api.post, WRITE),
        "chat.postEphemeral": Method(api.post_to_one, WRITE),
    }


class _ChatApi:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def post(self, arguments: Arguments) -> Answer:
        """Post a message for everybody."""
        message = self._post(arguments, visible_to=None)
        shown = {"type": "message", "ts": message.id, "text": message.text}
        return {"channel": message.channel, "ts": message.id, "message": shown}

    def post_to_one(self, arguments: Arguments) -> Answer:
        """Post a message for one member of the channel."""
        user = arguments.required("user")
        if user not in self._workspace.users:
            raise MethodError("user_not_in_channel")
        return {"message_ts": self._post(arguments, visible_to=user).id}

    def _post(self, arguments: Arguments, visible_to: str | None) -> Message:
        channel = self._channel(arguments.required("channel"))
        text, blocks = self._content(arguments)
        if not text and not blocks:
            raise MethodError("no_text")
        thread = None
        if thread_ts := arguments.text("thread_ts"):
            thread = self._workspace.thread(channel, thread_ts)
            if thread is None:
                raise MethodError("cannot_reply_to_message")
        return self._workspace.post(
            channel, "app", text, blocks=blocks, visible_to=visible_to, thread=thread
        )

    def _channel(self, channel_id: str) -> str:
        """Return the channel's id if the bot is in it; of private ones it sees nothing else."""
        channel = self._workspace.channels.get(channel_id)
        if channel is None or (channel.kind != "public" and channel_id not in self._joined):
            raise MethodError("channel_not_found")
        if channel_id not in self._joined:
            raise MethodError("not_in_channel")
        return channel_id

    @property
    def _joined(self) -> set[str]:
        return self._workspace.joined

    def _content(self, arguments: Arguments) -> tuple[str, list[Block] | None]:
        blocks = arguments.structure("blocks", "invalid_blocks_format")
        answer = {"text": arguments.text("text"), "blocks": blocks}
        try:
            return read_content(answer, self._workspace.calls)
        except RefusedAnswerError as refusal:
            raise MethodError(
                str(refusal), response_metadata={"messages": refusal.details}
            ) from None
