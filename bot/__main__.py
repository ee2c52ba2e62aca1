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
from bot.settings.settings import Settings, SettingsError, StartError, list_unknown
from bot.telemetry import logs
from bot.telemetry.terminal import escape_unwritable, from_system

LOG = logging.getLogger(__name__)

# Exit codes
WRONG_SETTINGS = 2
CANNOT_RUN = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name, and return the exit code."""
    escape_unwritable(sys.stdout, sys.stderr)
    options = _parser().parse_args(arguments)
    match options.command_name:
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
        environment = _environment()
        settings = _settings(environment)
    except SettingsError as error:
        return _fail(error, WRONG_SETTINGS)
    sys.unraisablehook = logs.note_unraisable
    gc.disable()  # until the bot serves: what is imported stays
    from bot.serving import serve  # imported late, so that wrong settings are reported at once

    try:
        asyncio.run(serve(settings, public_address(environment)[1]))
    except SettingsError as error:
        return _fail(error, WRONG_SETTINGS)
    except StartError as error:
        return _fail(error, CANNOT_RUN)
    return 0


def _settings(environment: Mapping[str, str]) -> Settings:
    settings = Settings.from_env(environment)
    logs.configure(settings.log_level, settings.log_format, secrets=settings.secrets)
    if unknown := list_unknown(environment):
        LOG.warning("unknown settings", extra={"names": unknown})
    return settings


def _fail(error: StartError, code: int) -> int:
    sys.stderr.write(f"{error}\n")
    return code


def _environment() -> dict[str, str]:
    """Return the variables of `.env`, overridden by the process's environment.

    Bolt reads SLACK_* from the environment and would enable its own OAuth flow, so remove them.

    Raises:
        SettingsError: `.env` can't be read.
    """
    own = {name: from_system(value) for name, value in os.environ.items()}
    environment = read_env_file(Path(".env")) | own
    for name in [name for name in os.environ if name.startswith("SLACK_")]:
        del os.environ[name]
    return environment


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Meet for Slack. Without a command, it runs the bot."
    )
    subcommands = parser.add_subparsers(
        dest="command_name", metavar="[sandbox | doctor | manifest | migrate]"
    )
    sandbox = subcommands.add_parser(
        "sandbox", help="try the bot without Slack and VideoSDK accounts"
    )
    sandbox.add_argument("--port", help="port of the page (default: 8090, or a free one)")
    sandbox.add_argument("--socket", action="store_true", help="use Socket Mode instead of HTTP")
    version = sandbox.add_mutually_exclusive_group()
    version.add_argument(
        "--v1", action="store_true", help="use version 1 of VideoSDK's API: plain cards"
    )
    version.add_argument(
        "--v2", action="store_true", help="use version 2 of VideoSDK's API: live cards (default)"
    )
    sandbox.add_argument(
        "--oauth", action="store_true", help="serve many workspaces: install the app first"
    )
    output = sandbox.add_mutually_exclusive_group()
    output.add_argument("--send", metavar="COMMAND", help="run one command and print the answer")
    output.add_argument(
        "--keys", action="store_true", help="print the stand-ins' addresses and made-up keys"
    )
    doctor = subcommands.add_parser("doctor", help="check a deployment, and say how to fix it")
    doctor.add_argument("--json", action="store_true", help="print JSON, for other programs")
    doctor.add_argument(
        "--live",
        action="store_true",
        help="check everything that the bot assumes about Slack and VideoSDK, with your keys",
    )
    doctor.add_argument(
        "--as",
        dest="created_by",
        metavar="U…",
        help="with --live: the Slack member to name as the creator of a call (a member ID)",
    )
    manifest = subcommands.add_parser(
        "manifest", help="print the Slack app's manifest, ready to paste"
    )
    where = manifest.add_mutually_exclusive_group()
    where.add_argument("--url", help="any address of the bot (default: PUBLIC_URL)")
    where.add_argument(
        "--socket", action="store_true", help="use Socket Mode (default if SLACK_APP_TOKEN is set)"
    )
    manifest.add_argument(
        "--command", help="the command that starts a meeting (default: SLACK_COMMAND, or /meet)"
    )
    migrate = subcommands.add_parser(
        "migrate", help="update the database's schema (many workspaces)"
    )
    migrate.add_argument(
        "--reencrypt",
        action="store_true",
        help="also re-encrypt the stored tokens with the first key in TOKEN_KEYS",
    )
    return parser


def _sandbox(options: argparse.Namespace) -> int:
    # Imports in these functions are late: a serving bot doesn't need these modules.
    from bot.sandbox.run import Options, read_port, run, send

    version = "v1" if options.v1 else "v2"
    tried = Options(socket=options.socket, version=version, oauth=options.oauth)
    try:
        if options.send is not None:
            return asyncio.run(send(from_system(options.send), tried))
        return asyncio.run(run(read_port(options.port), tried, show_keys=options.keys))
    except StartError as error:
        return _fail(error, CANNOT_RUN)


def _doctor(options: argparse.Namespace) -> int:
    logging.disable()  # the checks report their own findings
    try:
        environment = _environment()
    except SettingsError as error:
        return _fail(error, WRONG_SETTINGS)
    if options.live:
        from bot.assumptions.report import run as run_live

        created_by, as_json = options.created_by, options.json
        return asyncio.run(run_live(environment, created_by=created_by, as_json=as_json))
    from bot.doctor.report import run

    return asyncio.run(run(environment, as_json=options.json))


def _manifest(options: argparse.Namespace) -> int:
    from bot.manifest import ManifestError, manifest_for

    try:
        manifest = manifest_for(
            _environment(), url=options.url, socket=options.socket, command=options.command
        )
    except (ManifestError, SettingsError) as error:
        return _fail(error, WRONG_SETTINGS)
    sys.stdout.write(manifest)
    return 0


def _migrate(options: argparse.Namespace) -> int:
    try:
        settings = _settings(_environment())
        if not settings.slack_client_id:
            sys.stdout.write("Nothing to do: with SLACK_BOT_TOKEN, the bot uses no database.\n")
            return 0
        from bot.installs.migrate import run

        return asyncio.run(run(settings, reencrypt=options.reencrypt))
    except SettingsError as error:
        return _fail(error, WRONG_SETTINGS)
    except StartError as error:
        return _fail(error, CANNOT_RUN)


if __name__ == "__main__":
    sys.exit(main())
