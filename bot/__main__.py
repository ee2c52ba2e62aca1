"""The command line: run the bot, the sandbox, the doctor and more (`python -m bot --help`)."""

import argparse
import asyncio
import gc
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

if "jwt" not in sys.modules and "cryptography" not in sys.modules:
    # PyJWT imports all of cryptography, for algorithms that the bot doesn't use. Hiding it saves
    # 10 MiB and 0.07 s at start-up (Linux, Python 3.13). Later imports of cryptography still work.
    sys.modules["cryptography"] = None  # type: ignore[assignment] # makes the import fail
    import jwt  # noqa: F401

    del sys.modules["cryptography"]

from bot.settings.env_file import read_env_file
from bot.settings.public_address import public_address
from bot.settings.settings import Settings, StartError, list_unknown
from bot.telemetry import logs
from bot.telemetry.terminal import escape_unwritable, from_system

LOG = logging.getLogger(__name__)

# Imports inside these functions are late: wrong settings are reported at once, and no command needs
# the others' modules.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name, and return the exit code."""
    escape_unwritable(sys.stdout, sys.stderr)
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Meet for Slack. Without a command, it runs the bot."
    )
    parser.set_defaults(run=_serve)
    commands = parser.add_subparsers(metavar="[sandbox | doctor | manifest | migrate]")
    for name, add_options, does in (
        ("sandbox", _add_sandbox, "try the bot without Slack and VideoSDK accounts"),
        ("doctor", _add_doctor, "check a deployment, and say how to fix it"),
        ("manifest", _add_manifest, "print the Slack app's manifest, ready to paste"),
        ("migrate", _add_migrate, "update the database's schema (many workspaces)"),
    ):
        add_options(commands.add_parser(name, help=does))
    return parser


def _serve(_: argparse.Namespace) -> int:
    environment = _environment()
    settings = _settings(environment)
    sys.unraisablehook = logs.note_unraisable
    gc.disable()  # until the bot serves: imported objects live as long as the process
    from bot.serving import serve

    asyncio.run(serve(settings, public_address(environment)[1]))
    return 0


def _settings(environment: Mapping[str, str]) -> Settings:
    settings = Settings.from_env(environment)
    logs.configure(settings.log_level, settings.log_format, secrets=settings.secrets)
    if unknown := list_unknown(environment):
        LOG.warning("unknown settings", extra={"names": unknown})
    return settings


def _environment() -> dict[str, str]:
    """Return the variables of `.env`, overridden by the process's environment.

    Bolt reads SLACK_* from the environment and would enable its own OAuth flow, so remove them.

    Raises:
        EnvFileError: `.env` can't be read.
    """
    own = {name: from_system(value) for name, value in os.environ.items()}
    environment = read_env_file(Path(".env")) | own
    for name in [name for name in os.environ if name.startswith("SLACK_")]:
        del os.environ[name]
    return environment


def _add_sandbox(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=_sandbox, version="v2")
    command.add_argument("--port", help="port of the page (default: 8090, or a free one)")
    command.add_argument("--socket", action="store_true", help="use Socket Mode instead of HTTP")
    version = command.add_mutually_exclusive_group()
    for number, cards in (("v1", "plain cards"), ("v2", "live cards (default)")):
        version.add_argument(
            f"--{number}",
            dest="version",
            action="store_const",
            const=number,
            help=f"use version {number[1:]} of VideoSDK's API: {cards}",
        )
    command.add_argument(
        "--oauth", action="store_true", help="serve many workspaces: install the app first"
    )
    command.add_argument(
        "--sign-in",
        choices=("off", "optional", "required"),
        default="optional",
        help="whether people sign in with Slack to join (default: optional)",
    )
    output = command.add_mutually_exclusive_group()
    output.add_argument("--send", metavar="COMMAND", help="run one command and print the answer")
    output.add_argument(
        "--keys", action="store_true", help="print the stand-ins' addresses and made-up keys"
    )


def _sandbox(options: argparse.Namespace) -> int:
    from bot.sandbox.run import Options, read_port, run, send

    tried = Options(options.socket, options.version, options.oauth, options.sign_in)
    if options.send is not None:
        return asyncio.run(send(from_system(options.send), tried))
    return asyncio.run(run(read_port(options.port), tried, show_keys=options.keys))


def _add_doctor(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=_doctor)
    command.add_argument("--json", action="store_true", help="print JSON, for other programs")
    command.add_argument(
        "--live",
        action="store_true",
        help="check everything that the bot assumes about Slack and VideoSDK, with your keys",
    )
    command.add_argument(
        "--as",
        dest="created_by",
        metavar="U…",
        help="with --live: the Slack member to name as the creator of a call (a member ID)",
    )


def _doctor(options: argparse.Namespace) -> int:
    logging.disable()  # the checks report their own findings
    environment = _environment()
    if options.live:
        from bot.assumptions.report import run as run_live

        created_by, as_json = options.created_by, options.json
        return asyncio.run(run_live(environment, created_by=created_by, as_json=as_json))
    from bot.doctor.report import run

    return asyncio.run(run(environment, as_json=options.json))


def _add_manifest(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=_manifest)
    where = command.add_mutually_exclusive_group()
    where.add_argument("--url", help="any address of the bot (default: PUBLIC_URL)")
    where.add_argument(
        "--socket", action="store_true", help="use Socket Mode (default if SLACK_APP_TOKEN is set)"
    )
    command.add_argument(
        "--command", help="the command that starts a meeting (default: SLACK_COMMAND, or /meet)"
    )


def _manifest(options: argparse.Namespace) -> int:
    from bot.manifest import manifest_for

    url, socket, command = options.url, options.socket, options.command
    sys.stdout.write(manifest_for(_environment(), url=url, socket=socket, command=command))
    return 0


def _add_migrate(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=_migrate)
    command.add_argument(
        "--reencrypt",
        action="store_true",
        help="also re-encrypt the stored tokens with the first key in TOKEN_KEYS",
    )


def _migrate(options: argparse.Namespace) -> int:
    settings = _settings(_environment())
    if settings.serves_many:
        from bot.installs.migrate import run

        asyncio.run(run(settings, reencrypt=options.reencrypt))
    else:
        sys.stdout.write("Nothing to do: with SLACK_BOT_TOKEN, the bot uses no database.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
