"""Metrics for Prometheus.

Labels come from fixed sets, whatever people type or services answer, so the number of series stays
small.
"""

import time
from collections.abc import Sequence
from http import HTTPStatus

from bot.settings.settings import StartError
from bot.telemetry.timing import timing

# Histogram buckets in seconds.
_ACK_BUCKETS = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0)  # Slack's timeout is 3
_UPSTREAM_BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0)
_OTHER = "other"
_STATUSES = {str(status.value) for status in HTTPStatus}
_SLACK_METHODS = {  # those that the bot calls
    "apps.connections.open",
    "auth.test",
    "calls.add",
    "calls.end",
    "calls.participants.add",
    "calls.participants.remove",
    "calls.update",
    "chat.postMessage",
    "chat.unfurl",
    "oauth.v2.access",
    "openid.connect.token",
    "response_url",
    "views.open",
}
_WEBHOOK_TYPES = {  # https://docs.videosdk.live, "User webhooks"
    "participant-joined",
    "participant-left",
    "session-ended",
    "session-started",
    "unknown",
}


class Metrics:
    """The interface for counting; this base class only times requests, for their log lines."""

    def answered(self, listener: str, outcome: str) -> None:
        """Count a command, click or shortcut."""

    def acknowledged(self, listener: str, seconds: float) -> None:
        """Record how long Slack waited for an acknowledgement."""

    def called(self, service: str, operation: str, outcome: str, began: float) -> None:  # noqa: ARG002 - counted below
        """Record a call to another service, also in the current request's timing.

        Args:
            service: `videosdk`, `slack` or `other`.
            operation: a label from a fixed set, such as the API method.
            outcome: the HTTP status, or the name of the error.
            began: when it began, by `time.perf_counter`.
        """
        if request := timing.get():
            while request.calls and request.calls[-1][1] > began:
                began = min(began, request.calls.pop()[0])
            request.calls.append((began, time.perf_counter()))

    def webhook(self, kind: str, outcome: str) -> None:
        """Count a webhook from VideoSDK."""

    def card_updated(self, outcome: str) -> None:
        """Count an attempt to update a live card."""

    def join_page(self, outcome: str) -> None:
        """Count an opened join page; the outcome is what it showed."""

    def installed(self) -> None:
        """Count an install in a workspace."""


NO_METRICS = Metrics()


class PrometheusMetrics(Metrics):
    """Metrics of this process, in their own registry.

    Raises:
        StartError: prometheus-client isn't installed.
    """

    def __init__(self) -> None:
        try:
            import prometheus_client as prometheus  # optional
        except ImportError:
            raise StartError(
                "Meet for Slack can't start: METRICS_TOKEN needs a package that isn't installed. "
                "Run pip install prometheus-client, or take METRICS_TOKEN out."
            ) from None
        self._registry = prometheus.CollectorRegistry()
        self._render = prometheus.generate_latest
        self.content_type = prometheus.CONTENT_TYPE_LATEST

        def counter(name: str, about: str, labels: Sequence[str]) -> prometheus.Counter:
            return prometheus.Counter(name, about, labels, registry=self._registry)

        def histogram(
            name: str, about: str, labels: Sequence[str], buckets: Sequence[float]
        ) -> prometheus.Histogram:
            return prometheus.Histogram(
                name, about, labels, buckets=buckets, registry=self._registry
            )

        self._requests = counter(
            "slack_requests", "Commands, clicks and shortcuts", ["listener", "outcome"]
        )
        self._acks = histogram(
            "slack_ack_seconds", "Time until the acknowledgement", ["listener"], _ACK_BUCKETS
        )
        self._upstream = histogram(
            "upstream_seconds",
            "Time that calls of VideoSDK and Slack took",
            ["service", "operation", "outcome"],
            _UPSTREAM_BUCKETS,
        )
        self._webhooks = counter("webhooks", "Webhooks from VideoSDK", ["type", "outcome"])
        self._cards = counter("card_updates", "Live cards brought up to date", ["outcome"])
        self._joins = counter("join_pages", "Join pages that were opened", ["outcome"])
        self._installs = counter("installs", "Workspaces that installed the bot", [])

    def render(self) -> bytes:
        """Return the metrics in Prometheus's text format."""
        return self._render(self._registry)

    def answered(self, listener: str, outcome: str) -> None:
        """Count a command, click or shortcut."""
        self._requests.labels(listener, outcome).inc()

    def acknowledged(self, listener: str, seconds: float) -> None:
        """Record how long Slack waited for an acknowledgement."""
        self._acks.labels(listener).observe(seconds)

    def called(self, service: str, operation: str, outcome: str, began: float) -> None:
        """Record a call to another service, also in the current request's timing."""
        super().called(service, operation, outcome, began)
        if service == "slack" and operation not in _SLACK_METHODS:
            operation = _OTHER
        if outcome not in _STATUSES and not outcome.isidentifier():  # neither status nor error
            outcome = _OTHER
        seconds = time.perf_counter() - began
        self._upstream.labels(service, operation, outcome).observe(seconds)

    def webhook(self, kind: str, outcome: str) -> None:
        """Count a webhook from VideoSDK."""
        self._webhooks.labels(kind if kind in _WEBHOOK_TYPES else _OTHER, outcome).inc()

    def card_updated(self, outcome: str) -> None:
        """Count an attempt to update a live card."""
        self._cards.labels(outcome).inc()

    def join_page(self, outcome: str) -> None:
        """Count an opened join page; the outcome is what it showed."""
        self._joins.labels(outcome).inc()

    def installed(self) -> None:
        """Count an install in a workspace."""
        self._installs.inc()
