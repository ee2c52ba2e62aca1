"""Post cards by chat.postMessage."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import Message


async def post_card(
    client: AsyncWebClient, channel_id: str, card: Message, thread_ts: str | None = None
) -> None:
    """Post a card to a conversation or, given a user ID, to that user's messages from the app."""
    await client.chat_postMessage(
        channel=channel_id,
        thread_ts=thread_ts,
        text=card["text"],
        blocks=card["blocks"],
        parse="none",
        link_names=False,
        unfurl_links=False,
        unfurl_media=False,
    )
