"""Who a request is made for: it decides which pool, and whose share of it, its calls take."""

from contextvars import ContextVar
from dataclasses import dataclass

COMMANDS = "commands"  # somebody waits in Slack
JOIN_PAGE = "join page"  # somebody waits in a browser
BACKGROUND = "background"  # nobody waits: live cards, installs, checks


@dataclass(frozen=True)
class Requester:
    """Who waits for what is being done.

    Attributes:
        purpose: COMMANDS, JOIN_PAGE or BACKGROUND.
        workspace_id: the workspace's, or the organisation's; "" if it isn't known.
    """

    purpose: str = BACKGROUND
    workspace_id: str = ""


requester: ContextVar[Requester] = ContextVar("requester", default=Requester())  # noqa: B039 - frozen
