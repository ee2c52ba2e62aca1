"""The user or task that makes calls: it decides their pool, and whose share of it they use."""

from contextvars import ContextVar
from dataclasses import dataclass

COMMANDS = "commands"  # somebody is waiting in Slack
JOIN_PAGE = "join page"  # somebody is waiting in a browser
BACKGROUND = "background"  # nobody is waiting: live cards, installs, the doctor


@dataclass(frozen=True)
class Requester:
    """The user or task that makes calls.

    Attributes:
        purpose: COMMANDS, JOIN_PAGE or BACKGROUND.
        workspace_id: the ID of the workspace or organisation; "" if unknown.
    """

    purpose: str = BACKGROUND
    workspace_id: str = ""


requester: ContextVar[Requester] = ContextVar("requester", default=Requester())  # noqa: B039 - frozen
