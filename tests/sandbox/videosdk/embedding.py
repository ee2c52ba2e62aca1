"""Make links to the stand-in for VideoSDK's hosted UI."""

import jwt

from tests.conftest import API_KEY, SECRET_KEY

NOW = 1641364876.018


def link(meeting_id: str, participant_id: str = "R01-ada", **claims: object) -> dict[str, str]:
    """Return the parameters with which a join page opens the stand-in."""
    payload = {
        "apikey": API_KEY,
        "permissions": ["allow_join"],
        "version": 2,
        "roles": ["rtc"],
        "roomId": meeting_id,
        "participantId": participant_id,
        "exp": int(NOW) + 3600,
    }
    return {
        "meetingId": meeting_id,
        "participantId": participant_id,
        "token": jwt.encode(payload | claims, SECRET_KEY, algorithm="HS256"),
        "joinScreenEnabled": "true",
        "micEnabled": "true",
        "webcamEnabled": "false",
    }
