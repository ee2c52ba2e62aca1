"""The method blocks.validate, which checks blocks without posting them.

https://docs.slack.dev/reference/methods/blocks.validate
"""

from bot.sandbox.slack.arguments import Answer, Arguments, Method
from bot.sandbox.slack.blockkit import problems
from bot.sandbox.slack.errors import MethodError
from bot.sandbox.slack.oddities import SlackOddities


def blocks_methods(oddities: SlackOddities) -> dict[str, Method]:
    """Return the method; unlike Slack's, it takes only `blocks`, not `message` or `view`."""

    def validate(arguments: Arguments) -> Answer:
        blocks = arguments.structure("blocks")
        if blocks is None:
            raise MethodError("invalid_arguments")
        found = problems(blocks)
        if oddities.refuses_call_block and not found:
            found = [
                f"blocks[{at}]: call" for at, one in enumerate(blocks) if one["type"] == "call"
            ]
        if found:
            raise MethodError("invalid_blocks", errors=[_error(problem) for problem in found])
        return {}

    return {"blocks.validate": Method(validate)}


def _error(problem: str) -> dict[str, str]:
    return {"pointer": "", "code": "failed_constraint", "message": problem}
