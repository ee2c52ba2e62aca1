"""A workspace or organisation where the bot is installed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workspace:
    """An installation of the bot: in one workspace or across an organisation.

    Attributes:
        team_id: the workspace's ID; None where the bot is installed for a whole organisation.
        enterprise_id: the organisation's ID (Enterprise Grid), if the workspace belongs to one.
    """

    team_id: str | None
    enterprise_id: str | None = None

    @property
    def id(self) -> str:
        """The ID of the workspace or, failing that, of the organisation; "" if neither is known."""
        return self.team_id or self.enterprise_id or ""


UNKNOWN = Workspace(None)
