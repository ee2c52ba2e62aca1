"""Sessions of the VideoSDK stand-in as they were at a moment in the past.

Details of participants: https://docs.videosdk.live/api-reference/realtime-communication/fetch-active-participants
"""

import json
from typing import Any

from bot.sandbox.videosdk.rooms import Record

_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 "


def snapshot(session: Record, moment: str, participant_bytes: int) -> Record:
    """Return a session as it was at a moment after its start.

    Args:
        session: the session as it is now.
        moment: the moment, in VideoSDK's format.
        participant_bytes: the least size of a participant's JSON; 0 leaves out the details.
    """
    seen = [_seen(one, moment, participant_bytes) for one in session["participants"]]
    record = session | {"participants": [one for one in seen if one["timelog"]]}
    if record["end"] and record["end"] > moment:
        record["end"] = None
        del record["activeDuration"]
    return record


def participant_of(session: Record, participant_id: str) -> Record | None:
    """Return the participant of a session with this id."""
    people: list[Record] = session["participants"]
    return next((one for one in people if one["participantId"] == participant_id), None)


def is_in(participant: Record) -> bool:
    """Return whether a participant is in the session now."""
    log: list[Record] = participant["timelog"]
    return log[-1]["end"] is None


def _seen(participant: Record, moment: str, size: int) -> Record:
    visits = [_visit(one, moment) for one in participant["timelog"] if one["start"] <= moment]
    record = participant | {"timelog": visits}
    return record | _details(size - len(json.dumps(record))) if size else record


def _visit(visit: Record, moment: str) -> Record:
    over = visit["end"] is not None and visit["end"] <= moment
    return {"start": visit["start"], "end": visit["end"] if over else None}


def _details(size: int) -> dict[str, Any]:
    """Return made-up details of a participant's device, of at least `size` bytes as JSON."""
    device = {"sdkType": "prebuilt", "sdkVersion": "0.3.44", "platform": "desktop"}
    events: dict[str, list[str]] = {"mic": [], "webcam": [], "screenShare": []}
    missing = max(0, size - len(json.dumps({"events": events, "deviceInfo": device})))
    agent = (_BROWSER * (missing // len(_BROWSER) + 1))[:missing]
    return {"events": events, "deviceInfo": device | {"rawUserAgent": agent}}
