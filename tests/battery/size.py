"""How much of everything: the whole battery, and a form of seconds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How long, and how often.

    Attributes:
        rate: commands a second of the steady load, over `steady` seconds.
        burst: commands at once.
        saturation: seconds without a pause.
        soak: seconds at 10 commands a second.
        starts: cold starts of each kind.
        times: each fault, with both commands.
        stops: with each signal.
        kills: with SIGKILL.
        outage: seconds without a database.
        outage_minutes: that Slack's calls fail, on a fast clock.
        habits: of Slack and VideoSDK, at most.
        crowd: seconds that strangers crowd at the door.
        webhooks: for one room, within `webhook_seconds`.
        examples: of hostile input for each reader.
        spoilt: requests with a few bytes changed.
        hang: seconds for which VideoSDK hangs while people type.
        visitors: of join pages.
        notes_orders: of webhooks about notes.
        notes_runs: calls with notes.
    """

    rate: int = 50
    steady: float = 60
    burst: int = 300
    saturation: float = 10
    soak: float = 1200
    starts: int = 5
    times: int = 20
    stops: int = 20
    kills: int = 50
    outage: float = 30
    outage_minutes: float = 10
    habits: int = 99
    crowd: float = 15
    webhooks: int = 1000
    webhook_seconds: float = 10
    examples: int = 20_000
    spoilt: int = 2_000
    hang: float = 40
    visitors: int = 1500
    notes_orders: int = 200
    notes_runs: int = 100


FULL = Size()
SHORT = Size(
    rate=20,
    steady=2,
    burst=20,
    saturation=1,
    soak=6,
    starts=1,
    times=1,
    stops=1,
    kills=1,
    outage=3,
    outage_minutes=1,
    habits=2,
    crowd=1,
    webhooks=100,
    webhook_seconds=1,
    examples=200,
    spoilt=50,
    hang=2,
    visitors=150,
    notes_orders=3,
    notes_runs=3,
)
