"""The modals that the bot opens.

https://docs.slack.dev/surfaces/modals
"""

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.views import View

from bot.sandbox.slack.arguments import Answer, Arguments, Method
from bot.sandbox.slack.blockkit import problems, with_ids
from bot.sandbox.slack.errors import MethodError
from bot.sandbox.slack.inputs import unknown_inputs
from bot.sandbox.slack.payloads import APP_ID
from bot.sandbox.slack.teams import HOME, Team
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.workspace import Block
from bot.sandbox.videosdk.announcer import Announcer

MAX_MODAL_BLOCKS = 100

_COPIED = ("type", "title", "submit", "close", "callback_id", "private_metadata", "external_id")


@dataclass(frozen=True)
class Shown:
    """The modal that a user sees, if any.

    Attributes:
        user: the user's ID.
        channel: the ID of the channel where it was opened.
        view: the view, in the form of Slack's payloads; None if no modal is open.
        errors: the errors of its inputs, by block_id.
    """

    user: str
    channel: str = ""
    view: Block | None = None
    errors: dict[str, str] = field(default_factory=dict)


class Views(Announcer[Shown]):
    """The open modals, one per user; subscribers are notified of every change."""

    def __init__(self, triggers: Triggers, team: Team = HOME) -> None:
        super().__init__()
        self._team = team
        self._triggers = triggers
        self._open: dict[str, Shown] = {}

    def methods(self) -> dict[str, Method]:
        """Return the methods of the Web API that open modals."""
        return {"views.open": Method(self._answer)}

    def of(self, user: str) -> Block | None:
        """Return a user's open modal, or None."""
        return self._open[user].view if user in self._open else None

    def find(self, user: str, view_id: str) -> tuple[Block, str]:
        """Return a user's open modal, and the ID of the channel where it was opened.

        Raises:
            LookupError: it is not open.
        """
        shown = self._open.get(user)
        if shown is None or shown.view is None or shown.view["id"] != view_id:
            raise LookupError("view_not_found")
        return shown.view, shown.channel

    def show_errors(self, user: str, view_id: str, errors: dict[str, str]) -> None:
        """Show errors in a modal, if it is still open."""
        if (view := self.of(user)) and view["id"] == view_id:
            self._show(replace(self._open[user], errors=errors))

    def close(self, user: str, view_id: str) -> None:
        """Close a modal, if it is still open."""
        if (view := self.of(user)) and view["id"] == view_id:
            self._show(Shown(user))

    def _answer(self, arguments: Arguments) -> Answer:
        trigger_id = arguments.required("trigger_id")
        arguments.required("view")
        view = arguments.structure("view")
        if found := view_problems(view):
            messages = [f"[ERROR] {problem}" for problem in found]
            raise MethodError("invalid_arguments", response_metadata={"messages": messages})
        user, channel = self._triggers.exchange(trigger_id)
        record = _record(view, self._team)
        self._show(Shown(user, channel, record))
        return {"view": record}

    def _show(self, shown: Shown) -> None:
        self._open[shown.user] = shown
        self.announce(shown)


def input_errors(view: Block, answer: Block) -> dict[str, str] | None:
    """Return the errors in the acknowledgement of a submitted modal, by block_id.

    {} means no errors, so the modal closes. None means that the acknowledgement is invalid.
    """
    match answer:
        case {"response_action": "errors", "errors": dict(errors)} if errors:
            inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
            return errors if errors.keys() <= inputs else None
        case {"response_action": "clear"}:
            return {}
    return None if answer else {}


def view_problems(view: object) -> list[str]:
    """Return the reasons why Slack would reject a modal; [] if none."""
    if not isinstance(view, dict) or view.get("type") != "modal":
        return ["view: not a modal"]
    if found := problems(view.get("blocks"), MAX_MODAL_BLOCKS):
        return found
    found = [f"{name}: not an input of modals" for name in unknown_inputs(view)]
    if "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        found.append("submit: required where there are inputs")
    return found + _malformed(view)


def _malformed(view: dict[str, Any]) -> list[str]:
    try:
        parsed = View(**view).to_dict()
    except SlackObjectFormationError as error:
        return [str(error)]
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        return [f"malformed ({error!r})"]
    texts = [view[name] for name in ("title", "submit", "close") if name in view]
    if parsed != view or "title" not in view or any(one["type"] != "plain_text" for one in texts):
        return ["view: malformed parts"]
    return []


def _record(view: Block, team: Team) -> Block:
    """Return a view with the IDs and empty fields that Slack adds."""
    view_id = f"V04{secrets.token_hex(4).upper()}"
    return {
        "id": view_id,
        "root_view_id": view_id,
        "previous_view_id": None,
        "team_id": team.id,
        "app_installed_team_id": team.id,
        "app_id": APP_ID,
        "bot_id": team.bot_id,
        "hash": f"1.{secrets.token_hex(4)}",
        "state": {"values": {}},
        **dict.fromkeys(("submit", "close"), None),
        **dict.fromkeys(("callback_id", "private_metadata", "external_id"), ""),
        "clear_on_close": bool(view.get("clear_on_close")),
        "notify_on_close": bool(view.get("notify_on_close")),
        **{name: view[name] for name in _COPIED if name in view},
        "blocks": with_ids(view["blocks"]),
    }
