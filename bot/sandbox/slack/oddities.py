"""Switches for behaviours of Slack that the public evidence leaves open.

The defaults are the strictest choices: a bot that works with them works with the others, too.
"""

from dataclasses import dataclass, field
from typing import Literal


@dataclass
class SlackOddities:
    """One field per open question; shared by all workspaces, and may be changed at any time.

    Attributes:
        bare_update: the error of calls.update with only an `id`. slackapi/java-slack-sdk shows that
            there is an error (test_with_remote_apis, calls_Test.errors), but not which; "no_error"
            answers with the call.
        repeated_call: the effect of calls.add with a known external_unique_id. The default "error"
            applies even after the first call has ended, since the documentation says that the ID
            "must be unique across all Calls"; "same" returns the call while it is active; "ended"
            returns it even after its end; "new" always registers another call.
        bad_users: the effect of adding people who are already in a call, or removing people who
            aren't. "refuses_batch" changes nothing and answers `"ok": true` with the error, like
            the documentation's example; "skips" applies the rest and answers with the call and the
            error; "error" changes nothing and answers `"ok": false`.
        refused: external IDs that calls.participants.add always treats as bad users.
        inactive_end: the value of `ok` when calls.end is called for an ended call; true, together
            with the error, in the documentation's example.
        removes_unnamed: calls.participants.remove also removes guests without a name. With the ID
            alone, the list "does not change" (https://github.com/hackclub/slash-z/pull/101).
        refuses_call_block: public answers to commands and clicks can't contain a `call` block, and
            blocks.validate rejects it. The guide allows it, but @slack/types has no such block.
        updates_answers: chat.update and chat.delete also work on the app's answers to commands and
            clicks. They fail for some people (slackapi/java-slack-sdk#951, slackapi/bolt-js#2063).
        tier_3_limit: requests per minute, workspace and method in Tier 3, which includes all
            calls.* methods. Slack guarantees 50, and tolerates bursts. None is unlimited.
    """

    bare_update: Literal["invalid_arguments", "missing_argument", "no_error"] = "invalid_arguments"
    repeated_call: Literal["error", "same", "ended", "new"] = "error"
    bad_users: Literal["refuses_batch", "skips", "error"] = "refuses_batch"
    refused: set[str] = field(default_factory=set)
    inactive_end: Literal["ok_true", "ok_false"] = "ok_true"
    removes_unnamed: bool = False
    refuses_call_block: bool = False
    updates_answers: bool = False
    tier_3_limit: int | None = None
