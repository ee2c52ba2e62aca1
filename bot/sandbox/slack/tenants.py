"""The workspaces, each with its own people, messages, calls and modals."""

from collections.abc import Callable

from bot.sandbox.slack.arguments import Method
from bot.sandbox.slack.blocks_api import blocks_methods
from bot.sandbox.slack.calls_api import calls_methods
from bot.sandbox.slack.chat_api import chat_methods
from bot.sandbox.slack.oddities import SlackOddities
from bot.sandbox.slack.teams import HOME, TEAMS, Place, Team, id_of
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.typed import Composer
from bot.sandbox.slack.views import Views
from bot.sandbox.slack.workspace import ChannelMessage, SlackWorkspace


class Tenant:
    """One workspace, with the parts of Slack that belong to it.

    Attributes:
        team: its identity.
        workspace: its people, channels, messages and calls.
        triggers: its trigger_ids.
        views: its open modals.
        composer: encodes what people type.
        methods: the methods of the Web API, by name.
    """

    def __init__(self, team: Team, clock: Callable[[], float], oddities: SlackOddities) -> None:
        self.team = team
        self.workspace = SlackWorkspace(clock, team.id, oddities)
        self.triggers = Triggers(clock)
        self.views = Views(self.triggers, team)
        people, channels = self.workspace.users, self.workspace.channels
        self.composer = Composer(people.values(), channels.values())
        self.methods: dict[str, Method] = (
            calls_methods(self.workspace)
            | chat_methods(self.workspace)
            | blocks_methods(oddities)
            | self.views.methods()
        )

    def say(self, channel: str, typed: str, *, user: str) -> ChannelMessage:
        """Post a message that a user typed."""
        text, blocks = self.composer.message(typed)
        return self.workspace.post(channel, "user", text, blocks=blocks, user=user)


class Tenants:
    """All workspaces.

    Attributes:
        oddities: behaviours of Slack that the public evidence leaves open.
        home: the workspace that the sandbox's page shows.
    """

    def __init__(self, clock: Callable[[], float], oddities: SlackOddities) -> None:
        self.oddities = oddities
        self._by_id = {team.id: Tenant(team, clock, oddities) for team in TEAMS}
        self.home = self._by_id[HOME.id]

    def of(self, team: Place | str) -> Tenant:
        """Return a workspace by its team or the team's ID.

        Raises:
            KeyError: there is none.
        """
        return self._by_id[id_of(team)]

    def inside(self, place: Place) -> Tenant:
        """Return a workspace, or the first one of an organisation."""
        tenants = self._by_id.values()
        return next(tenant for tenant in tenants if place in (tenant.team, tenant.team.enterprise))
