"""Run the web application on aiohttp's server, quietly."""

import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.web.connections import BoundedRunner

LOG = logging.getLogger(__name__)


def build_runner(app: web.Application, shutdown_timeout: float, keep_alive: float) -> web.AppRunner:
    """Return the runner of an application.

    Bodies stay as they came, for Slack signs the raw bytes; requests are logged by whoever answers
    them.

    Args:
        app: the application.
        shutdown_timeout: seconds that requests in flight get when the server stops.
        keep_alive: seconds that a connection may rest between two requests.
    """
    return BoundedRunner(
        app,
        keep_alive,
        access_log=None,
        logger=LOG,
        auto_decompress=False,
        shutdown_timeout=shutdown_timeout,
    )


class _NoStrangersTraces(logging.Filter):
    """Drop the trace that aiohttp logs for every line of nonsense that a stranger sends."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


LOG.addFilter(_NoStrangersTraces())
