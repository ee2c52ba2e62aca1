"""Who may join by a link, and as whom: anyone under a typed name, or members as in Slack."""

from dataclasses import dataclass

from aiohttp import web

from bot.links import JoinLink
from bot.participant_ids import CallRef, MemberIds, participant_id
from bot.web.join import notices
from bot.web.pages import Badge
from bot.web.sign_in.flow import SignIn
from bot.web.sign_in.member import Member


@dataclass(frozen=True)
class Arrival:
    """A person who may join.

    Attributes:
        member: who they are in Slack, if they signed in and belong to the link's workspace.
        moderates: whether they may mute and remove others.
        badge: the page's line about who they are, if any.
    """

    member: Member | None = None
    moderates: bool = False
    badge: Badge | None = None


GUEST = Arrival()


class NoMeetingError(Exception):
    """The link opens no meeting; the message is the outcome, for the log.

    Attributes:
        page: tells the visitor why.
        cause: the error, if any.
    """

    def __init__(self, page: web.Response, outcome: str, cause: str | None = None) -> None:
        super().__init__(outcome)
        self.page = page
        self.cause = cause


class OpenDoor:
    """Lets anyone join, under a name they type."""

    def admit(self, _request: web.Request, _link: JoinLink, _back: str) -> Arrival:
        """Return the person who wants to join.

        Args:
            _request: the request for the page.
            _link: the join link's content.
            _back: the join link's URL.

        Raises:
            NoMeetingError: they may not join.
        """
        return GUEST

    def participant(
        self, _link: JoinLink, _arrival: Arrival, call: CallRef | None, visitor: str
    ) -> str:
        """Return the participant ID to join with.

        Args:
            _link: the join link's content.
            _arrival: the person who joins.
            call: the call whose card shows them, if any.
            visitor: their browser's ID.
        """
        return participant_id(call, visitor)


OPEN_DOOR = OpenDoor()


class SlackDoor(OpenDoor):
    """Lets people join as they are in Slack.

    Args:
        sign_in: recognises people who have signed in.
        members: signs members' participant IDs.
        required: whether only members may join.
    """

    def __init__(self, sign_in: SignIn, members: MemberIds, *, required: bool) -> None:
        self._sign_in = sign_in
        self._members = members
        self._required = required

    def admit(self, request: web.Request, link: JoinLink, back: str) -> Arrival:
        """Return the person who wants to join: a member, or a guest unless members only may."""
        person = self._sign_in.member(request)
        if person and person.belongs_to(link):
            badge = notices.signed_in(person.name, person.picture, f"{back}/sign-out")
            return Arrival(person, person.moderates(link), badge)
        sign_in_url = f"{back}/sign-in"
        if self._required:
            raise _not_admitted(link, person, sign_in_url)
        if link.owner is None:  # no workspace to be a member of
            return GUEST
        return Arrival(badge=notices.not_signed_in(sign_in_url, is_elsewhere=person is not None))

    def participant(
        self, link: JoinLink, arrival: Arrival, call: CallRef | None, visitor: str
    ) -> str:
        """Return the participant ID to join with; it names a member only on their own cards."""
        participant = participant_id(call, visitor)
        if not arrival.member or not call:
            return participant
        if call.workspace != link.owner:
            return participant
        return self._members.sign(participant, arrival.member.user_id)


def _not_admitted(link: JoinLink, person: Member | None, sign_in_url: str) -> NoMeetingError:
    if link.owner is None:
        return NoMeetingError(notices.unknown_workspace(), "no workspace")
    if person is None:
        return NoMeetingError(notices.sign_in(link, sign_in_url), "not signed in")
    return NoMeetingError(notices.other_workspace(person.name, sign_in_url), "other workspace")
