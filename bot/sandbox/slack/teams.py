"""The made-up workspaces and organisation in which the app can be installed."""

from dataclasses import dataclass

from bot.sandbox.slack.workspace import TEAM_DOMAIN, TEAM_ID, TEAM_NAME


@dataclass(frozen=True)
class Place:
    """A workspace or organisation, with the app's bot in it.

    Attributes:
        id: its ID.
        name: its name.
        domain: its subdomain of slack.com.
        bot_id: the ID of the app's bot there.
        bot_user_id: the user ID of that bot.
    """

    id: str
    name: str
    domain: str
    bot_id: str
    bot_user_id: str


@dataclass(frozen=True)
class Enterprise(Place):
    """An Enterprise Grid organisation; an app installed in it is in all its workspaces."""


@dataclass(frozen=True)
class Team(Place):
    """A workspace.

    Attributes:
        enterprise: the organisation that it belongs to, if any.
    """

    enterprise: Enterprise | None = None


HOME = Team(TEAM_ID, TEAM_NAME, TEAM_DOMAIN, "B04MEETBOT", "U04MEETBOT")
BAKERY = Team("T05BAKERY0", "Corner Bakery", "corner-bakery", "B05MEETBOT", "U05MEETBOT")
NORTH_SEA = Enterprise("E06NORTHSE", "North Sea Group", "north-sea", "B06MEETORG", "U06MEETORG")
HARBOUR = Team(
    "T06HARBOUR", "Harbour Design", "harbour-design", "B06MEETBOT", "U06MEETBOT", NORTH_SEA
)

TEAMS = (HOME, BAKERY, HARBOUR)
PLACES: dict[str, Place] = {place.id: place for place in (*TEAMS, NORTH_SEA)}


@dataclass(frozen=True)
class Origin:
    """The origin of an interaction.

    Attributes:
        team: the user's workspace.
        org_wide: whether the app is installed for the whole organisation.
    """

    team: Team = HOME
    org_wide: bool = False


def id_of(place: Place | str) -> str:
    """Return the ID of a place that is given as an object or by its ID."""
    return place if isinstance(place, str) else place.id
