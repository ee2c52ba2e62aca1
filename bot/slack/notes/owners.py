"""The owner of a transcription: the reply that asked for it.

A transcription's webhook URL names the reply. VideoSDK's reference shows that URL in the answers to
a start and to an end, but not in lists, nor where a transcription is fetched by its ID; these may
have it all the same, as the Node SDK's type allows further fields. So the URL decides where it is
present. Otherwise only VideoSDK's answer to a reply's own start, and the events at its own address,
show the owner.
"""

from bot.caching.recent import Recent
from bot.links import NotesLink, SignedLinks
from bot.videosdk import Transcription

Key = tuple[str, str]  # a reply's channel and ts


class Owners:
    """Owners of transcriptions, as far as this process knows.

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
