"""Run the bot: `python -m bot`, or try it: `python -m bot sandbox`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from dotenv import dotenv_values

from bot import logs
from bot.settings import Settings, SettingsError, StartError

WRONG_SETTINGS = 2
CANNOT_RUN = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for and return the exit code."""
    options = _parser().parse_args(arguments)
    return _sandbox(options) if options.what == "sandbox" else _serve()


def _serve() -> int:
    try:
        settings = Settings.from_env(_environment())
    except SettingsError as error:
        return _say(error, WRONG_SETTINGS)
    logs.configure(settings.log_level, settings.log_format)
    from bot.app import serve  # imported late: a mistake in the settings is told at once

    try:
        asyncio.run(serve(settings))
    except StartError as error:
        return _say(error, CANNOT_RUN)
    return 0


def _say(error: StartError, code: int) -> int:
    sys.stderr.write(f"{error}\n")
    return code


def _environment() -> dict[str, str]:
    """Return the process's environment over what `.env` says.

    Bolt reads SLACK_* by itself, and would turn OAuth on by them: they are taken away from it.
    """
    environment = {k: v for k, v in dotenv_values(".env").items() if v} | dict(os.environ)
    for name in [name for name in os.environ if name.startswith("SLACK_")]:
        del os.environ[name]
    return environment


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Meet for Slack.")
    what = parser.add_subparsers(dest="what", metavar="[sandbox]")
    sandbox = what.add_parser("sandbox", help="try the bot without Slack and VideoSDK accounts")
    sandbox.add_argument("--port", type=int, help="where the page is (8090, or a free one)")
    sandbox.add_argument("--socket", action="store_true", help="use Socket Mode instead of HTTP")
    sandbox.add_argument(
        "--v2", action="store_true", help="version 2 of VideoSDK's API: live cards"
    )
    sandbox.add_argument("--send", metavar="COMMAND", help="run one command, print the answer, end")
    return parser


def _sandbox(options: argparse.Namespace) -> int:
    from bot.sandbox.run import Options, run, send  # the stand-ins are no part of a running bot

    tried = Options(socket=options.socket, version="v2" if options.v2 else "v1")
    try:
        if options.send is not None:
            return asyncio.run(send(options.send, tried))
        return asyncio.run(run(options.port, tried))
    except StartError as error:
        return _say(error, CANNOT_RUN)


if __name__ == "__main__":
    sys.exit(main())
