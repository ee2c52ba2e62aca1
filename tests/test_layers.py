"""Imports run one way, and only the entry point reads the environment."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

# What each layer may see of the others, from the top down. A module belongs to the longest of these
# names that fits it.
LAYERS: dict[str, set[str]] = {
    "bot": set(),
    "bot.__main__": {
        "bot.app",
        "bot.assumptions",
        "bot.doctor",
        "bot.env_file",
        "bot.installs.release",
        "bot.logs",
        "bot.manifest",
        "bot.public_address",
        "bot.sandbox",
        "bot.settings",
        "bot.terminal",
    },
    "bot.sandbox": {"bot"},
    "bot.doctor": {
        "bot.checks",
        "bot.parts",
        "bot.public_address",
        "bot.redaction",
        "bot.settings",
        "bot.terminal",
        "bot.transport",
        "bot.trouble",
    },
    "bot.assumptions": {
        "bot.meetings",
        "bot.redaction",
        "bot.settings",
        "bot.slack.cards",
        "bot.transport",
        "bot.videosdk",
    },
    "bot.checks": {
        "bot.database_check",
        "bot.links",
        "bot.parts",
        "bot.public_address",
        "bot.scopes_check",
        "bot.settings",
        "bot.slack.guard",
        "bot.transport",
        "bot.trouble",
        "bot.videosdk",
    },
    "bot.database_check": {
        "bot.installs",
        "bot.settings",
        "bot.slack.workspaces",
        "bot.trouble",
    },
    "bot.scopes_check": {"bot.manifest", "bot.trouble"},
    "bot.trouble": set(),
    "bot.app": {
        "bot.parts",
        "bot.public_address",
        "bot.settings",
        "bot.slack",
        "bot.transport",
        "bot.web",
    },
    "bot.parts": {
        "bot.installs.opening",
        "bot.links",
        "bot.manifest",
        "bot.meetings",
        "bot.metrics",
        "bot.room_ids",
        "bot.rooms",
        "bot.settings",
        "bot.slack",
        "bot.transport",
        "bot.videosdk",
        "bot.web",
    },
    "bot.installs": {
        "bot.database_address",
        "bot.durations",
        "bot.settings",
        "bot.slack.workspaces",
    },
    "bot.web": {
        "bot.durations",
        "bot.grammar",
        "bot.links",
        "bot.logs",
        "bot.metrics",
        "bot.participant_ids",
        "bot.requester",
        "bot.recent",
        "bot.shared",
        "bot.slack.guard",
        "bot.slack.joining",
        "bot.slack.live",
        "bot.slack.workspaces",
        "bot.videosdk",
    },
    "bot.slack": {
        "bot.durations",
        "bot.grammar",
        "bot.links",
        "bot.logs",
        "bot.markup",
        "bot.meetings",
        "bot.metrics",
        "bot.participant_ids",
        "bot.recent",
        "bot.requester",
        "bot.runs",
        "bot.settings",
        "bot.shared",
        "bot.typing_errors",
        "bot.upstream",
        "bot.videosdk",
    },
    "bot.meetings": {
        "bot.grammar",
        "bot.links",
        "bot.participant_ids",
        "bot.room_ids",
        "bot.rooms",
        "bot.runs",
        "bot.videosdk",
    },
    "bot.rooms": {"bot.grammar", "bot.links", "bot.room_ids", "bot.videosdk"},
    "bot.room_ids": {"bot.links", "bot.room_names"},
    "bot.room_names": {"bot.emoji_names", "bot.grammar"},
    "bot.links": {"bot.participant_ids", "bot.scanned_links"},
    "bot.runs": {"bot.grammar", "bot.participant_ids", "bot.videosdk"},
    "bot.participant_ids": set(),
    "bot.shared": {"bot.recent"},
    "bot.recent": set(),
    "bot.grammar": {"bot.markup", "bot.scanned_links", "bot.typing_errors", "bot.videosdk"},
    "bot.durations": set(),
    "bot.markup": {"bot.emoji_names"},
    "bot.emoji_names": set(),
    "bot.scanned_links": set(),
    "bot.typing_errors": set(),
    "bot.transport": {"bot.metrics", "bot.requester", "bot.upstream", "bot.values"},
    "bot.requester": set(),
    "bot.upstream": {"bot.metrics"},
    "bot.metrics": {"bot.settings"},
    "bot.env_file": {"bot.settings"},
    "bot.manifest": {"bot.public_address", "bot.settings", "bot.values"},
    "bot.settings": {
        "bot.database_address",
        "bot.misspellings",
        "bot.public_address",
        "bot.values",
        "bot.videosdk",
    },
    "bot.public_address": set(),
    "bot.misspellings": set(),
    "bot.database_address": set(),
    "bot.values": set(),
    "bot.logs": {"bot.redaction", "bot.terminal"},
    "bot.terminal": set(),
    "bot.redaction": set(),
    "bot.videosdk": set(),
}
# What each layer needs beside the standard library.
PACKAGES: dict[str, set[str]] = {
    "bot.doctor": set(),
    "bot.assumptions": {"cryptography", "httpx"},
    "bot.checks": {"httpx"},
    "bot.database_check": set(),
    "bot.scopes_check": set(),
    "bot.public_address": set(),
    "bot.trouble": set(),
    "bot.installs": {
        "aiohttp",
        "alembic",
        "cryptography",
        "psycopg",
        "slack_sdk",
        "sqlalchemy",
    },
    "bot.web": {"aiohttp", "slack_bolt", "slack_sdk"},
    "bot.slack": {"aiohttp", "httpx", "slack_bolt", "slack_sdk", "yarl"},
    "bot.meetings": set(),
    "bot.links": {"jwt"},
    "bot.participant_ids": set(),
    "bot.recent": set(),
    "bot.shared": set(),
    "bot.room_ids": set(),
    "bot.room_names": set(),
    "bot.markup": set(),
    "bot.emoji_names": set(),
    "bot.scanned_links": set(),
    "bot.typing_errors": set(),
    "bot.rooms": set(),
    "bot.runs": set(),
    "bot.grammar": set(),
    "bot.durations": set(),
    "bot.env_file": {"dotenv"},
    "bot.manifest": set(),
    "bot.settings": set(),
    "bot.misspellings": set(),
    "bot.database_address": set(),
    "bot.values": set(),
    "bot.logs": set(),
    "bot.terminal": set(),
    "bot.redaction": set(),
    "bot.requester": set(),
    "bot.transport": {"aiohttp", "httpx", "yarl"},
    "bot.upstream": set(),
    "bot.metrics": {"prometheus_client"},
    "bot.videosdk": {"cryptography", "httpx", "jwt"},
}
WHOLE_BOT = ("bot.sandbox", "bot")  # which the sandbox runs
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}


def module_of(path: Path) -> str:
    """Return a file's name as a module."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {module_of(path): path for path in sorted((ROOT / "bot").rglob("*.py"))}


@cache
def parts_of(module: str) -> list[ast.AST]:
    """Return everything that a module consists of."""
    return list(ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))))


def is_within(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


def layer_of(module: str) -> str:
    return max((layer for layer in LAYERS if is_within(module, layer)), key=len)


def imported(module: str) -> Iterator[str]:
    """Yield every name that a module imports, from the top, also inside its functions."""
    for node in parts_of(module):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def modules_seen(module: str) -> set[str]:
    """Return the modules of the bot that a module sees: `from bot import logs` sees bot.logs.

    The version, which is the package's own, is everybody's.
    """
    names = {name for name in imported(module) if is_within(name, "bot")}
    return {name if name in FILES else name.rpartition(".")[0] for name in names} - {"bot"}


def test_the_layers_have_no_way_up() -> None:
    order = list(LAYERS)
    below = {(layer, layer_of(seen)) for layer, all_seen in LAYERS.items() for seen in all_seen}

    assert all(order.index(upper) < order.index(lower) for upper, lower in below - {WHOLE_BOT})


def test_a_module_sees_only_the_layers_below_it() -> None:
    for module in FILES:
        allowed = LAYERS[layer_of(module)] | {layer_of(module)}
        seen = modules_seen(module)
        too_high = {one for one in seen if not any(is_within(one, layer) for layer in allowed)}
        assert too_high == set(), module


def test_nobody_reaches_past_the_public_names_of_videosdk() -> None:
    for module in FILES:
        inner = {seen for seen in modules_seen(module) if seen.startswith("bot.videosdk.")}
        assert inner == set() or layer_of(module) in {"bot.videosdk", "bot.sandbox"}, module


def test_a_layer_needs_no_packages_but_its_own() -> None:
    for module in FILES:
        packages = {name.partition(".")[0] for name in imported(module)}
        foreign = packages - sys.stdlib_module_names - {"bot"}
        assert foreign <= PACKAGES.get(layer_of(module), foreign), module


def test_only_the_entry_point_reads_the_environment() -> None:
    for module in FILES:
        parts = parts_of(module)
        named = {ast.unparse(node) for node in parts if isinstance(node, ast.Attribute)}
        read = ENVIRONMENT & {*named, *imported(module)}
        assert read == set() or module == "bot.__main__", module
