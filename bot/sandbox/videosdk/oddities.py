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
        no_session: status of the answer when a session is to be ended or transcribed and none runs,
            or a transcription is to be ended and none runs.
        updates_webhook: creating a known room again replaces its webhook; undocumented.
        echoes_webhook: v2's answers about a room contain its `webhook`, as the official Node
            SDK's types say; the reference's samples lack it.
        end_answers: what /v2/sessions/end answers: the reference shows an object, while its
            sister calls for recordings answer a JSON string.
        removal_answers: what /v2/sessions/participants/remove answers: a JSON string in the Node
            SDK's types, the session in the reference.
        listing_lag: seconds until sessions, as the API reads them, show what has happened;
            webhooks go out at once.
        lingers: seconds for which a session stays ongoing after the last person has left.
        participant_bytes: how much JSON a participant takes up at least; public samples have 0.6
            to 3.4 kB. 0 leaves the details out.
        key_form: PEM form of the webhooks' public key; PKCS#1 begins with an empty line.
        webhook_field: which field of a webhook names its kind; the Node SDK reads both.
        retries: how often a webhook is sent again that was not answered with 2xx.
        refuses_transcription: status with which none is started, None if one is: 402 or 403 for a
            plan without it, 404 where the beta is not open.
        second_transcription: what a start gives while a transcription runs: a status that refuses
            it, the one that runs, or another beside it; undocumented.
        transcription_answers: what starting and ending answer: the reference shows an object,
            while the same calls for recordings answer a JSON string.
        transcription_room: where a transcription names its room: inside `extension`, as in the
            reference; at the top, as those of recordings do; or inside, but not in a listing, as
            the Node SDK says.
        filters_transcriptions: the listing heeds roomId and sessionId, as in the reference; the
            Node SDK says it does not.
        leaves_out_empty: fields without a value are absent; otherwise they are null.
        stopped_webhook: when transcription-stopped is sent: at the end, as the reference reads, or
            when the summary is there, as the guide has it for recordings.
        summary_delay: seconds from the end until the summary is there.
        summary_says: the text of every summary, instead of one made from what was said.
    """

    not_found: tuple[int, Literal["json", "text"]] = (400, "json")
    accepts_bearer: bool = True
    validate_verbs: set[str] = field(default_factory=lambda: {"POST", "GET"})
    echoes_region: bool = True
    repeated_id: Literal["same", "new", "refuse400", "refuse409"] = "same"
    geo_fencing: bool = True
    no_session: int = 406
    updates_webhook: bool = False
    echoes_webhook: bool = True
    end_answers: Literal["object", "string"] = "object"
    removal_answers: Literal["string", "object"] = "string"
    listing_lag: float = 0.2
    lingers: float = 0.0
    participant_bytes: int = 600
    key_form: Literal["pkcs1", "spki"] = "pkcs1"
    webhook_field: Literal["webhookType", "type"] = "webhookType"
    retries: int = 0
    refuses_transcription: int | None = None
    second_transcription: int | Literal["same", "another"] = 409
    transcription_answers: Literal["object", "string"] = "object"
    transcription_room: Literal["extension", "top", "unlisted"] = "extension"
    filters_transcriptions: bool = True
    leaves_out_empty: bool = True
    stopped_webhook: Literal["at_end", "with_summary", "both"] = "at_end"
    summary_delay: float = 1.0
    summary_says: str | None = None
