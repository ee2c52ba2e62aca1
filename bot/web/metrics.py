"""Serve the metrics to Prometheus."""

import hmac

from aiohttp import web

from bot.telemetry.metrics import PrometheusMetrics


class MetricsPage:
    """Handles /metrics.

    Args:
        metrics: the metrics.
        token: the bearer token that requests must have.
    """

    def __init__(self, metrics: PrometheusMetrics, token: str) -> None:
        self._metrics = metrics
        self._token = token.encode()

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with the metrics, or 401."""
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        is_valid = hmac.compare_digest(given.encode(errors="replace"), self._token)
        if scheme.lower() != "bearer" or not is_valid:
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        headers = {"Content-Type": self._metrics.content_type, "Cache-Control": "no-store"}
        return web.Response(body=self._metrics.render(), headers=headers)
