"""All outgoing requests: one policy for proxy and certificates, and a pool per kind of call."""

from bot.transport.http import open_http, open_transport
from bot.transport.policy import DIRECT, Policy
from bot.transport.pools import Pools, descriptor_share
from bot.transport.slack import open_slack
from bot.transport.videosdk import open_videosdk

__all__ = [
    "DIRECT",
    "Policy",
    "Pools",
    "descriptor_share",
    "open_http",
    "open_slack",
    "open_transport",
    "open_videosdk",
]
