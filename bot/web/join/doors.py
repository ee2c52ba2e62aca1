"""Who may join by a link, and as whom: everybody by a name they type, or members as in Slack."""

from dataclasses import dataclass

from aiohttp import web

from bot.links import JoinLink, Owner
from bot.participant_ids import CallRef, MemberIds, participant_id
from bot.web.join import notices
from bot.web.pages import Badge
from bot.web.sign_in.flow import SignIn
from bot.web.sign_in.member import Member


@dataclass(frozen=True)
class Arrival:
    """Somebody who may join.

    Attributes:
        member: who they are in Slack, if they are a member of the link's workspace.
        moderates: whether they may mute and remove others.
        badge: what the page says about who they are, if anything.
    """

    member: Member | None = None
    moderates: bool = False
    badge: Badge | None = None


A_GUEST = Arrival()


class TurnedAwayError(Exception):
    """Somebody may not join; the message is why, for the log.

    Attributes:
        page: says how to get in.
    """

    def __init__(self, page: web.Response, outcome: str) -> None:
        super().__init__(outcome)
        self.page = page


class OpenDoor:
    """Lets everybody in, by a name they type."""

    def admit(self, _request: web.Request, _link: JoinLink, _back: str) -> Arrival:
        """Return how somebody joins.

        Args:
            _request: for the page.
            _link: what the join link says.
            _back: the join link's address.

        Raises:
            TurnedAwayError: they may not join.
        """
        return A_GUEST

    def participant(
        self, _link: JoinLink, _arrival: Arrival, call: CallRef | None, visitor: str
    ) -> str:
        """Return the id to join with.

        Args:
            _link: what the join link says.
            _arrival: who joins.
            call: on whose card they show, if there is one.
            visitor: their browser's.
        """
        return participant_id(call, visitor)


OPEN_DOOR = OpenDoor()


class SlackDoor(OpenDoor):
    """Lets people in as they are in Slack.

    Args:
        sign_in: knows who has signed in.
        members: put members into participants' ids.
        required: whether nobody else may join.
    """

    def __init__(self, sign_in: SignIn, members: MemberIds, *, required: bool) -> None:
        self._sign_in = sign_in
        self._members = members
        self._required = required

    def admit(self, request: web.Request, link: JoinLink, back: str) -> Arrival:
        """Return how somebody joins: as the member who they are, or as a guest."""
        person = self._sign_in.member(request)
        if person and person.belongs_to(link):
            badge = notices.signed_in(person.name, person.picture, f"{back}/sign-out")
            return Arrival(person, person.moderates(link), badge)
        sign_in_url = f"{back}/sign-in"
        if self._required:
            raise _turned_away(link, person, sign_in_url)
        if link.owner is None:  # nobody can be a member of it
            return A_GUEST
        return Arrival(badge=notices.not_signed_in(sign_in_url, is_elsewhere=person is not None))

    def participant(
        self, link: JoinLink, arrival: Arrival, call: CallRef | None, visitor: str
    ) -> str:
        """Return the id to join with; it names a member only on a card of their workspace."""
        participant = participant_id(call, visitor)
        if not arrival.member or not call:
            return participant
        if Owner(call.team_id, call.enterprise_id) != link.owner:
            return participant
        return self._members.sign(participant, arrival.member.user_id)


def _turned_away(link: JoinLink, person: Member | None, sign_in_url: str) -> TurnedAwayError:
    if link.owner is None:
        return TurnedAwayError(notices.nobody_knows_whose(), "no workspace")
    if person is None:
        return TurnedAwayError(notices.sign_in(link, sign_in_url), "not signed in")
    return TurnedAwayError(notices.other_workspace(person.name, sign_in_url), "other workspace")
