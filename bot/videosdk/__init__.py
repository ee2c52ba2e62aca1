"""A thin client of VideoSDK.live's REST API, independent of Slack.

async with VideoSDK(api_key, secret_key) as videosdk:
    meeting = await videosdk.create(region="us001")
    print(meeting.meeting_id)
"""

from bot.videosdk.client import VideoSDK
from bot.videosdk.endpoint import ENDPOINT, base_url
from bot.videosdk.errors import (
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKBusyError,
    VideoSDKError,
    VideoSDKForbiddenError,
    VideoSDKInterruptedError,
    VideoSDKPaymentRequiredError,
    VideoSDKRateLimitedError,
    VideoSDKRefusedError,
    VideoSDKTimeoutError,
    VideoSDKTooLargeError,
    VideoSDKUnauthorizedError,
    VideoSDKUnreachableError,
)
from bot.videosdk.files import FILE_HOSTS
from bot.videosdk.models import Meeting, Participant, Session, Transcription
from bot.videosdk.regions import REGIONS, nearest_region
from bot.videosdk.tokens import mint_participant_token, mint_token
from bot.videosdk.webhooks import WebhookEvent, is_signed_by, read_event
from bot.videosdk.wire import OPERATION, READS_BODY

__all__ = [
    "ENDPOINT",
    "FILE_HOSTS",
    "OPERATION",
    "READS_BODY",
    "REGIONS",
    "Meeting",
    "Participant",
    "Session",
    "Transcription",
    "VideoSDK",
    "VideoSDKBadReplyError",
    "VideoSDKBrokenError",
    "VideoSDKBusyError",
    "VideoSDKError",
    "VideoSDKForbiddenError",
    "VideoSDKInterruptedError",
    "VideoSDKPaymentRequiredError",
    "VideoSDKRateLimitedError",
    "VideoSDKRefusedError",
    "VideoSDKTimeoutError",
    "VideoSDKTooLargeError",
    "VideoSDKUnauthorizedError",
    "VideoSDKUnreachableError",
    "WebhookEvent",
    "base_url",
    "is_signed_by",
    "mint_participant_token",
    "mint_token",
    "nearest_region",
    "read_event",
]
