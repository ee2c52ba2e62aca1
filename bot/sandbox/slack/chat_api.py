"""The methods that post, update and delete the app's messages.

https://docs.slack.dev/reference/methods/chat.postMessage
https://docs.slack.dev/reference/methods/chat.postEphemeral
https://docs.slack.dev/reference/methods/chat.update
https://docs.slack.dev/reference/methods/chat.delete
"""

from bot.sandbox.slack.arguments import Answer, Arguments, Method
from bot.sandbox.slack.errors import MethodError
from bot.sandbox.slack.interactions import RefusedAnswerError, read_content
from bot.sandbox.slack.teams import PLACES
from bot.sandbox.slack.workspace import APP_MESSAGES, Block, ChannelMessage, SlackWorkspace

MAX_UPDATED = 4000  # characters; chat.update rejects more, chat.postMessage cuts the text
MAX_POSTED = 40_000

WRITE, WRITE_PUBLIC = "chat:write", "chat:write.public"
BOT_USERS = {place.bot_user_id for place in PLACES.values()}


def chat_methods(workspace: SlackWorkspace) -> dict[str, Method]:
    """Return the methods of the chat API for a workspace."""
    api = _ChatApi(workspace)
    return {
        "chat.postMessage": Method(api.post, WRITE),
        "chat.postEphemeral": Method(api.post_to_one, WRITE),
        "chat.update": Method(api.update, WRITE, tier=3),
        "chat.delete": Method(api.delete, WRITE, tier=3),
    }


class _ChatApi:
    def __init__(self, workspace: SlackWorkspace) -> None:
        self._workspace = workspace
        self._posted: set[str] = set()

    def post(self, arguments: Arguments) -> Answer:
        """Post a public message."""
        message = self._post(arguments, visible_to=None)
        self._posted.add(message.id)
        return _as_json(message)

    def post_to_one(self, arguments: Arguments) -> Answer:
        """Post an ephemeral message."""
        user = arguments.required("user")
        if user not in self._workspace.users:
            raise MethodError("user_not_in_channel")
        return {"message_ts": self._post(arguments, visible_to=user).id}

    def update(self, arguments: Arguments) -> Answer:
        """Change a message; it keeps its blocks unless `blocks` is given, even as an empty list."""
        message = self._own(arguments, "cant_update_message")
        text, blocks = self._content(arguments)
        if len(text) > MAX_UPDATED:
            raise MethodError("msg_too_long")
        if arguments.structure("blocks") is None:
            blocks = message.blocks
        return {**_as_json(self._workspace.replace(message.id, text, blocks)), "text": text}

    def delete(self, arguments: Arguments) -> Answer:
        """Delete a message."""
        message = self._own(arguments, "cant_delete_message")
        self._workspace.remove(message.id)
        return {"channel": message.channel, "ts": message.id}

    def _post(self, arguments: Arguments, visible_to: str | None) -> ChannelMessage:
        channel = self._channel(arguments.required("channel"))
        if channel not in self._joined and (visible_to or WRITE_PUBLIC not in arguments.scopes):
            raise MethodError("not_in_channel")
        text, blocks = self._content(arguments)
        thread = None
        if thread_ts := arguments.text("thread_ts"):
            thread = self._workspace.thread(channel, thread_ts)
            if thread is None:
                raise MethodError("cannot_reply_to_message")
        return self._workspace.post(
            channel, "app", text[:MAX_POSTED], blocks=blocks, visible_to=visible_to, thread=thread
        )

    def _own(self, arguments: Arguments, error: str) -> ChannelMessage:
        """Return the app's message that a call refers to.

        Raises:
            MethodError: it doesn't exist or isn't the app's; the code is `error`.
        """
        channel = self._channel(arguments.required("channel"))
        message = self._workspace.messages.get(arguments.required("ts"))
        if message is None or (message.channel, message.visible_to) != (channel, None):
            raise MethodError("message_not_found")
        is_answer = message.kind == "app" and self._workspace.oddities.updates_answers
        if message.id not in self._posted and not is_answer:
            raise MethodError(error)
        return message

    def _channel(self, channel_id: str) -> str:
        """Return the ID of a channel that the bot can see: a public one, or one that it is in.

        A user's ID means their direct messages with the app, if its Messages tab is on:
        https://github.com/PostHog/posthog/pull/58962
        """
        if channel_id in BOT_USERS:
            raise MethodError("cannot_dm_bot")
        if channel_id in self._workspace.users:
            [channel_id] = [one.id for one in APP_MESSAGES if channel_id in one.members]
        channel = self._workspace.channels.get(channel_id)
        if channel is None or (channel.kind != "public" and channel_id not in self._joined):
            raise MethodError("channel_not_found")
        if channel.kind == "app" and not self._workspace.messages_tab:
            raise MethodError("messages_tab_disabled")
        return channel_id

    @property
    def _joined(self) -> set[str]:
        return self._workspace.joined

    def _content(self, arguments: Arguments) -> tuple[str, list[Block] | None]:
        blocks = arguments.structure("blocks", "invalid_blocks_format")
        answer = {"text": arguments.text("text"), "blocks": blocks}
        try:
            content = read_content(answer, self._workspace.calls)
        except RefusedAnswerError as refusal:
            raise MethodError(
                str(refusal), response_metadata={"messages": refusal.details}
            ) from None
        if not any(content):
            raise MethodError("no_text")
        return content


def _as_json(message: ChannelMessage) -> Answer:
    shown = {"type": "message", "ts": message.id, "text": message.text}
    return {"channel": message.channel, "ts": message.id, "message": shown}
