"""Choose among what VideoSDK's real API is known, or may be, to do."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass
class Oddities:
    """The sides of the API that were never documented, or changed over the years.

    Attributes:
        not_found: status and form of the answer about an unknown meeting.
        accepts_bearer: take `Bearer <JWT>` as well as the bare JWT.
        validate_verbs: with which v1 validates a meeting; others get 405.
        echoes_region: v1's answers carry `region`; the real ones did until 2022-12-09.
        repeated_id: what a create with a known userMeetingId gives on v1; v2 gives the same room.
        geo_fencing: the plan has it; without, v2 refuses a geoFence.
        no_session: status of v2's answer when a session is to be ended and none runs.
    """

    not_found: tuple[int, Literal["json", "text"]] = (400, "json")
    accepts_bearer: bool = True
    validate_verbs: set[str] = field(default_factory=lambda: {"POST", "GET"})
    echoes_region: bool = True
    repeated_id: Literal["same", "new", "refuse400", "refuse409"] = "same"
    geo_fencing: bool = True
    no_session: int = 406
