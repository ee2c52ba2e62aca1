"""The sizes of the battery: the full one, and one that takes seconds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """The amount of each test.

    Attributes:
        rate: commands per second of the steady load, for `steady` seconds.
        burst: number of commands at once.
        saturation: seconds of sending without a pause.
        soak: seconds at 10 commands per second.
        starts: number of cold starts of each kind.
        times: number of repetitions of each fault, with both commands.
        stops: number of stops with each signal.
        kills: number of kills with SIGKILL.
        outage: seconds without a database.
        outage_minutes: minutes for which Slack's calls fail, on a fast clock.
        habits: maximum number of oddities of Slack and VideoSDK.
        crowd: seconds for which many clients connect.
        webhooks: number of webhooks for one room, within `webhook_seconds`.
        examples: number of hostile inputs for each parser.
        spoilt: number of requests with a few bytes changed.
        hang: seconds for which VideoSDK hangs while people send commands.
        visitors: number of visitors of join pages.
        notes_orders: number of runs with webhooks about notes in any order.
        notes_runs: number of calls with notes.
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
