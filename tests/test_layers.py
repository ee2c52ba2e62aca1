"""Imports run one way, and only the entry point reads the environment."""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

# The layers that each layer may import, from the top down. A module belongs to the longest name
# that matches it.
LAYERS: dict[str, set[str]] = {
    "bot": set(),
    "bot.__main__": {
        "bot.assumptions",
        "bot.doctor",
        "bot.installs.migrate",
        "bot.manifest",
        "bot.sandbox",
        "bot.serving",
        "bot.settings",
        "bot.telemetry",
    },
    "bot.sandbox": {"bot"},
    "bot.doctor": {
        "bot.installs",
        "bot.links",
        "bot.manifest",
        "bot.settings",
        "bot.slack.workspaces",
        "bot.telemetry",
        "bot.transport",
        "bot.videosdk",
        "bot.web.guard",
    },
    "bot.assumptions": {
        "bot.meetings",
        "bot.settings",
        "bot.slack.cards",
        "bot.telemetry",
        "bot.transport",
        "bot.videosdk",
    },
    "bot.serving": {"bot.app", "bot.settings", "bot.web.connections"},
    "bot.app": {
        "bot.installs.lifecycle",
        "bot.links",
        "bot.manifest",
        "bot.meetings",
        "bot.participant_ids",
        "bot.rooms",
        "bot.settings",
        "bot.slack",
        "bot.telemetry",
        "bot.transport",
        "bot.videosdk",
        "bot.web",
    },
    "bot.installs": {
        "bot.caching",
        "bot.durations",
        "bot.settings",
        "bot.slack.background",
        "bot.slack.workspaces",
        "bot.workspace",
    },
    "bot.web": {
        "bot.caching",
        "bot.durations",
        "bot.grammar",
        "bot.links",
        "bot.manifest",
        "bot.participant_ids",
        "bot.settings",
        "bot.slack.joining",
        "bot.slack.live_cards",
        "bot.slack.notes",
        "bot.slack.workspaces",
        "bot.telemetry",
        "bot.transport.requester",
        "bot.videosdk",
        "bot.workspace",
    },
    "bot.slack": {
        "bot.caching",
        "bot.durations",
        "bot.grammar",
        "bot.links",
        "bot.meetings",
        "bot.participant_ids",
        "bot.rooms",
        "bot.settings",
        "bot.telemetry",
        "bot.transport.calls",
        "bot.transport.requester",
        "bot.videosdk",
        "bot.workspace",
    },
    "bot.meetings": {"bot.grammar", "bot.links", "bot.rooms", "bot.videosdk"},
    "bot.rooms": {"bot.grammar", "bot.links", "bot.participant_ids", "bot.videosdk"},
    "bot.links": {"bot.grammar.scanned_links", "bot.participant_ids", "bot.workspace"},
    "bot.participant_ids": {"bot.workspace"},
    "bot.workspace": set(),
    "bot.grammar": {"bot.videosdk"},
    "bot.caching": set(),
    "bot.durations": set(),
    "bot.transport": {"bot.settings", "bot.telemetry", "bot.videosdk"},
    "bot.telemetry": {"bot.settings"},
    "bot.manifest": {"bot.settings"},
    "bot.settings": {"bot.videosdk"},
    "bot.videosdk": set(),
}
# The packages that each layer needs besides the standard library.
PACKAGES: dict[str, set[str]] = {
    "bot.assumptions": {"cryptography", "httpx"},
    "bot.doctor": {"httpx"},
    "bot.installs": {
        "aiohttp",
        "alembic",
        "cryptography",
        "psycopg",
        "slack_sdk",
        "sqlalchemy",
    },
    "bot.web": {"aiohttp", "jwt", "slack_bolt", "slack_sdk", "yarl"},
    "bot.slack": {"aiohttp", "httpx", "slack_bolt", "slack_sdk"},
    "bot.meetings": set(),
    "bot.rooms": set(),
    "bot.links": {"jwt"},
    "bot.participant_ids": set(),
    "bot.workspace": set(),
    "bot.grammar": set(),
    "bot.caching": set(),
    "bot.durations": set(),
    "bot.transport": {"aiohttp", "httpx", "yarl"},
    "bot.telemetry": {"prometheus_client"},
    "bot.manifest": set(),
    "bot.settings": {"dotenv", "psycopg"},
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
    """Return all files of a module."""
    return list(ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))))


def is_within(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


def layer_of(module: str) -> str:
    return max((layer for layer in LAYERS if is_within(module, layer)), key=len)


def imported(module: str) -> Iterator[str]:
    """Yield every absolute name that a module imports, including inside functions."""
    for node in parts_of(module):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def modules_seen(module: str) -> set[str]:
    """Return the modules that a module imports: `from bot import manifest` imports bot.manifest.

    The version, which is the package's own, is everybody's.
    """
    names = {name for name in imported(module) if is_within(name, "bot")}
    return {name if name in FILES else name.rpartition(".")[0] for name in names} - {"bot"}


def test_layers_do_not_import_upwards() -> None:
    order = list(LAYERS)
    below = {(layer, layer_of(seen)) for layer, all_seen in LAYERS.items() for seen in all_seen}

    assert all(order.index(upper) < order.index(lower) for upper, lower in below - {WHOLE_BOT})


def test_a_module_imports_only_the_layers_below_it() -> None:
    for module in FILES:
        allowed = LAYERS[layer_of(module)] | {layer_of(module)}
        seen = modules_seen(module)
        too_high = {one for one in seen if not any(is_within(one, layer) for layer in allowed)}
        assert too_high == set(), module


def test_only_the_public_names_of_videosdk_are_imported() -> None:
    for module in FILES:
        inner = {seen for seen in modules_seen(module) if seen.startswith("bot.videosdk.")}
        assert inner == set() or layer_of(module) in {"bot.videosdk", "bot.sandbox"}, module


def test_a_layer_imports_only_its_own_packages() -> None:
    for module in FILES:
        packages = {name.partition(".")[0] for name in imported(module)}
        foreign = packages - sys.stdlib_module_names - {"bot"}
        assert foreign <= PACKAGES.get(layer_of(module), foreign), module


def test_only_the_entry_point_reads_the_environment() -> None:
    for module in FILES:
        attributes = [part for part in parts_of(module) if isinstance(part, ast.Attribute)]
        named = {
            f"{one.value.id}.{one.attr}" for one in attributes if isinstance(one.value, ast.Name)
        }
        read = ENVIRONMENT & {*named, *imported(module)}
        assert read == set() or module == "bot.__main__", module


def test_every_class_has_a_name_of_its_own() -> None:
    classes = Counter(
        node.name for module in FILES for node in parts_of(module) if isinstance(node, ast.ClassDef)
    )

    assert [name for name, count in classes.items() if count > 1] == []
