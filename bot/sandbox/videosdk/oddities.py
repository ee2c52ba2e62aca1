"""Variants in the behaviour of VideoSDK's API, which tests choose from."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass
class Oddities:
    """Behaviour of the API that is undocumented, contradictory or has changed.

    Attributes:
        not_found: status and form of the response about an unknown meeting.
        accepts_bearer: whether `Bearer <JWT>` works as well as the bare JWT.
        validate_verbs: the methods with which v1 validates a meeting; others get 405.
        echoes_region: whether v1's responses have `region`; the real ones did until 2022-12-09.
        repeated_id: v1's response to a create with a known userMeetingId; v2 returns the same room.
        geo_fencing: whether the plan includes it; otherwise v2 rejects a geoFence.
        no_session: status of the response if there is no session to end or to transcribe, or no
            transcription to end.
        updates_webhook: creating a known room again replaces its webhook; undocumented.
        echoes_webhook: v2's answers about a room contain its `webhook`, as the official Node
            SDK's types say; the reference's samples lack it.
        end_answers: what /v2/sessions/end answers: the reference shows an object, while its
            sister calls for recordings answer a JSON string.
        removal_answers: what /v2/sessions/participants/remove answers: a JSON string in the Node
            SDK's types, the session in the reference.
        listing_lag: seconds until sessions, as the API reads them, show what has happened;
            webhooks go out at once.
        lingers: seconds for which a session goes on after the last person has left.
        participant_bytes: the least size of a participant's JSON; public samples have 0.6 to
            3.4 kB. 0 leaves out the details.
        key_form: PEM form of the webhooks' public key; PKCS#1 begins with an empty line.
        webhook_field: which field of a webhook names its kind; the Node SDK reads both.
        retries: how often a webhook is sent again until the response is 2xx.
        refuses_transcription: status that rejects a start; None accepts it. 402 or 403 for a plan
            without transcription, 404 for an account outside the beta.
        second_transcription: the response to a start while a transcription runs: a status that
            rejects it, the running one, or a second one; undocumented.
        transcription_answers: the response to starting and ending: the reference shows an object,
            while the same calls for recordings answer a JSON string.
        transcription_room: where a transcription names its room: inside `extension`, as in the
            reference; at the top, as those of recordings do; or inside, but not in a listing, as
            the Node SDK says.
        transcription_webhook: the answers that name a transcription's webhook: those to a start and
            an end, as in the reference's samples; also the one to a fetch by its ID; also listings.
        filters_transcriptions: whether the listing filters by roomId and sessionId, as in the
            reference; the Node SDK says it doesn't.
        leaves_out_empty: whether fields without a value are absent; otherwise they are null.
        stopped_webhook: when transcription-stopped is sent: at the end, as the reference reads, or
            when the summary is there, as the guide has it for recordings.
        summary_delay: seconds from the end until the summary is written.
        summary_says: the text of every summary; None makes one from what was said.
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
    transcription_webhook: Literal["changed", "fetched", "listed"] = "changed"
    filters_transcriptions: bool = True
    leaves_out_empty: bool = True
    stopped_webhook: Literal["at_end", "with_summary", "both"] = "at_end"
    summary_delay: float = 1.0
    summary_says: str | None = None
