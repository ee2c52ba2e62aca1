"""Run the bot, try it, check a deployment or write its manifest: `python -m bot --help`."""

import argparse
import asyncio
import gc
import logging
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
    match options.what:
        case "sandbox":
            return _sandbox(options)
        case "doctor":
            return _doctor(options)
        case "manifest":
            return _manifest(options)
        case "migrate":
            return _migrate(options)
    return _serve()


def _serve() -> int:
    try:
        settings = _settings()
    except SettingsError as error:
        return _say(error, WRONG_SETTINGS)
    sys.unraisablehook = logs.note_unraisable
    gc.disable()  # until the bot serves: what is imported stays
    from bot.app import serve  # imported late: a mistake in the settings is told at once

    try:
        asyncio.run(serve(settings))
    except SettingsError as error:
        return _say(error, WRONG_SETTINGS)
    except StartError as error:
        return _say(error, CANNOT_RUN)
    return 0


def _settings() -> Settings:
    settings = Settings.from_env(_environment())
    logs.configure(settings.log_level, settings.log_format, secrets=settings.secrets)
    return settings


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
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Meet for Slack. Without a command, it serves."
    )
    what = parser.add_subparsers(dest="what", metavar="[sandbox | doctor | manifest | migrate]")
    sandbox = what.add_parser("sandbox", help="try the bot without Slack and VideoSDK accounts")
    sandbox.add_argument("--port", type=int, help="where the page is (8090, or a free one)")
    sandbox.add_argument("--socket", action="store_true", help="use Socket Mode instead of HTTP")
    sandbox.add_argument(
        "--v2", action="store_true", help="version 2 of VideoSDK's API: live cards"
    )
    sandbox.add_argument(
        "--oauth", action="store_true", help="many workspaces: install the app first"
    )
    output = sandbox.add_mutually_exclusive_group()
    output.add_argument("--send", metavar="COMMAND", help="run one command, print the answer, end")
    output.add_argument(
        "--keys", action="store_true", help="print the stand-ins' addresses and made-up keys"
    )
    doctor = what.add_parser("doctor", help="check a deployment, and say how to mend it")
    doctor.add_argument("--json", action="store_true", help="for machines")
    manifest = what.add_parser("manifest", help="print the Slack app's manifest, to paste")
    where = manifest.add_mutually_exclusive_group()
    where.add_argument("--url", help="where the bot is reachable (PUBLIC_URL)")
    where.add_argument("--socket", action="store_true", help="Socket Mode (SLACK_APP_TOKEN)")
    manifest.add_argument("--command", help="instead of /meet (SLACK_COMMAND)")
    migrate = what.add_parser("migrate", help="bring the database of many workspaces up to date")
    migrate.add_argument(
        "--reencrypt", action="store_true", help="put the tokens under the newest of TOKEN_KEYS"
    )
    return parser


def _sandbox(options: argparse.Namespace) -> int:
    from bot.sandbox.run import Options, run, send  # the stand-ins are no part of a running bot

    version = "v2" if options.v2 else "v1"
    tried = Options(socket=options.socket, version=version, oauth=options.oauth)
    try:
        if options.send is not None:
            return asyncio.run(send(options.send, tried))
        return asyncio.run(run(options.port, tried, show_keys=options.keys))
    except StartError as error:
        return _say(error, CANNOT_RUN)


def _doctor(options: argparse.Namespace) -> int:
    from bot.doctor import run  # the checks are no part of a running bot

    logging.disable()  # what the checks find is told by them
    return asyncio.run(run(_environment(), as_json=options.json))


def _manifest(options: argparse.Namespace) -> int:
    from bot.manifest import ManifestError, manifest_for  # nor is this

    try:
        manifest = manifest_for(
            _environment(), url=options.url, socket=options.socket, command=options.command
        )
    except ManifestError as error:
        return _say(error, WRONG_SETTINGS)
    sys.stdout.write(manifest)
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from bot.installs.release import run  # nor this, where there is one workspace

    try:
        return asyncio.run(run(_settings(), reencrypt=options.reencrypt))
    except SettingsError as error:
        return _say(error, WRONG_SETTINGS)
    except StartError as error:
        return _say(error, CANNOT_RUN)


if __name__ == "__main__":
    sys.exit(main())
