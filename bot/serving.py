"""Run the bot until a signal stops it: the first gracefully, the next at once."""

import asyncio
import gc
import logging
import os
import signal
import time
from typing import Any

from bot import __version__
from bot.app import Bot, open_bot
from bot.settings.public_address import TURN_ON_JOIN, TURN_ON_NOTES
from bot.settings.settings import Settings
from bot.web.connections import raise_descriptor_limit

LOG = logging.getLogger(__name__)

# Allocations between two garbage collections; Python's default is 2,000 or less. Requests leave
# almost no cycles, and at the default the collector takes a thirtieth of a command's CPU.
_NEW_OBJECTS = 10_000
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_ECHO = 1.0  # seconds within which another SIGTERM counts as the same one
_KILLED_BY = 128  # plus the signal's number: the exit code by shell convention


async def serve(settings: Settings, address_source: str = "") -> None:
    """Run the bot until it gets a signal to stop.

    Args:
        settings: the bot's settings.
        address_source: the variable that the public address comes from, for the log.
    """
    stop = stop_signal()
    raise_descriptor_limit()
    async with open_bot(settings) as bot:
        LOG.info("serving", extra={"host": settings.host, "port": bot.port, **_features(settings)})
        log_address(settings, address_source)
        log_notes(settings)
        gc.freeze()  # never scan what start-up allocated: it lives as long as the process
        gc.set_threshold(_NEW_OBJECTS)
        gc.enable()
        await until_stopped(bot, stop)
        LOG.info("stopping")
    LOG.info("stopped")
    gc.unfreeze()  # otherwise leftovers are finalised at exit, after logging has shut down


async def until_stopped(bot: Bot, stop: asyncio.Event) -> None:
    """Wait for a signal to stop.

    Raises:
        SettingsError: Slack rejected the app token after start-up.
    """
    stopping = asyncio.create_task(stop.wait())
    ends: set[asyncio.Future[Any]] = {stopping, bot.connecting}
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if bot.connecting.done():
        bot.connecting.result()


def stop_signal() -> asyncio.Event:
    """Return an event that is set on SIGTERM or SIGINT.

    The next SIGINT or SIGTERM ends the process at once. A SIGTERM within a second of the first
    signal is ignored: process managers pass on what the host has already sent to every process.
    """
    stop = asyncio.Event()
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, _stop, stop)
    return stop


def _stop(stop: asyncio.Event) -> None:
    began = time.monotonic()

    def end_at_once(number: int, _: object) -> None:
        if number == signal.SIGTERM and time.monotonic() - began < _ECHO:
            return
        LOG.warning("stopped at once", extra={"signal": signal.Signals(number).name})
        os._exit(_KILLED_BY + number)

    for number in _SIGNALS:
        # The loop calls its own handlers only when it is free.
        asyncio.get_running_loop().remove_signal_handler(number)
        signal.signal(number, end_at_once)
    stop.set()


def log_address(settings: Settings, source: str) -> None:
    """Log the public address, or how to get a Join button."""
    if settings.public_url:
        LOG.info("public address", extra={"url": settings.public_url, "source": source})
    elif not settings.join_url_template:
        LOG.info("cards have no Join button", extra={"fix": TURN_ON_JOIN})


def log_notes(settings: Settings) -> None:
    """Log how to turn on notes, if the settings ask for them but they can't be on."""
    if settings.notes != "off" and not settings.has_notes:
        LOG.warning("cards have no Take notes button", extra={"fix": TURN_ON_NOTES})


def _features(settings: Settings) -> dict[str, object]:
    """Return the settings that shape the bot, as log fields."""
    return {
        "version": __version__,
        "mode": "Socket Mode" if settings.slack_app_token else "HTTP",
        "workspaces": "many" if settings.serves_many else "one",
        "command": settings.slack_command,
        "videosdk": settings.videosdk_api_version,
        "join": settings.join_url_template or settings.public_url or "no button",
        "live_cards": settings.has_live_cards,
        "sign_in": settings.sign_in,
        "notes": settings.has_notes,
        "limits": bool(settings.meetings_per_user or settings.meetings_per_team),
        "metrics": settings.metrics_token is not None,
    }
