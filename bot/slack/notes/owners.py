"""Whose a transcription is: the reply that asked for it.

VideoSDK's reference shows a transcription's webhook URL in the answers to a start and to an end,
but not in one that is fetched by its ID or listed. All samples of those have ended, and the Node
SDK's type allows further fields. So the URL decides wherever it is present. Where it is not, only
VideoSDK's answer to a reply's own start and the events at its own address tell.
"""

from bot.caching.recent import Recent
from bot.links import NotesLink, SignedLinks
from bot.videosdk import Transcription

Key = tuple[str, str]  # a reply's channel and ts


class Owners:
    """Owners of transcriptions, as far as VideoSDK has told this process.

    Args:
        links: reads webhook URLs.
    """

    def __init__(self, links: SignedLinks) -> None:
        self._links = links
        self._by_id: Recent[str, Key] = Recent()

    def of(self, one: Transcription) -> Key | None:
        """Return the key of the reply that a transcription belongs to; None if that is unknown."""
        link = self._links.find_notes(one.webhook_url)
        return link.key if link else self._by_id.get(one.id)

    def note(self, transcription_id: str, link: NotesLink | None) -> None:
        """Remember which reply shows its own transcription; None if that reply was deleted."""
        if link:
            self._by_id[transcription_id] = link.key
        else:
            self._by_id.pop(transcription_id, None)
