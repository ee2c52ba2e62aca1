"""The reference page: the public names of bot.videosdk, by module and in source order."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import bot.videosdk as package
from tests.conftest import ROOT
from tests.reference.docstrings import after_colon, docstring, markdown
from tests.reference.signatures import signature

FILE = ROOT / "docs" / "videosdk.md"
EXAMPLE = Path(__file__).with_name("example.py")

_FIRST = (
    "client",
    "endpoint",
    "models",
    "errors",
    "tokens",
    "webhooks",
    "regions",
)  # then any others
_HEAD = """\
# The VideoSDK client

`bot.videosdk` is an async client of [VideoSDK](https://www.videosdk.live)'s REST API, in both of
its versions. It creates meetings, says who is in them, transcribes them, ends them, and verifies
webhooks. It knows nothing of Slack, so any Python program can use it. It needs Python 3.11 or
newer, `httpx` and `PyJWT`, and for webhooks `cryptography`.

This page is written from the docstrings in `bot/videosdk/`, by `python -m tests.reference`.

## Example

```python
{example}```

No VideoSDK account? The sandbox has a stand-in for VideoSDK. Start it in one terminal:

```sh
.venv/bin/python -m bot sandbox --keys > /tmp/sandbox.env
```

and run the example in another:

```sh
set -a; . /tmp/sandbox.env
.venv/bin/python -m tests.reference.example
```

## Contents

{contents}
"""

Class = type[Any]


def public() -> dict[str, Any]:
    """Return the package's public objects by name."""
    return {name: getattr(package, name) for name in package.__all__}


def written() -> str:
    """Return the whole page."""
    groups = {module: _defined(module) for module in _modules()}
    groups = {module: nodes for module, nodes in groups.items() if nodes}
    contents = "\n".join(_contents(module, names) for module, names in groups.items())
    head = _HEAD.format(example=EXAMPLE.read_text(encoding="utf-8"), contents=contents)
    return "\n".join([head, *(_group(module, names) for module, names in groups.items())])


def _modules() -> list[ModuleType]:
    """Return the package's modules, the most important ones first."""
    prefix = f"{package.__name__}."
    names = [name.removeprefix(prefix) for name in sys.modules if name.startswith(prefix)]
    order = [*_FIRST, *sorted(set(names) - set(_FIRST))]
    return [sys.modules[prefix + name] for name in order]


def _defined(module: ModuleType) -> list[str]:
    """Return the public names that a module defines, in source order."""
    names: list[str] = []
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            case ast.ClassDef() | ast.FunctionDef():
                names.append(node.name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.append(name)
    return [name for name in names if name in package.__all__]


def _title(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2].capitalize()


def _contents(module: ModuleType, names: list[str]) -> str:
    """Return a line of the contents: a section, and links to its entries."""
    title = _title(module)
    shown = {name: public()[name] for name in names if not _is_branch(public()[name])}
    links = ", ".join(
        f"[`{name}`](#{_anchor(title, name, value)})" for name, value in shown.items()
    )
    return f"- [{title}](#{title.lower()}): {links}"


def _anchor(title: str, name: str, value: object) -> str:
    """Return an entry's anchor: its own heading, or for a constant its section."""
    return (name if callable(value) else title).lower()


def _group(module: ModuleType, names: list[str]) -> str:
    """Return a module's section."""
    parts = [f"## {_title(module)}", markdown(docstring(module))]
    for name in names:
        value = public()[name]
        if inspect.isclass(value):
            parts += [] if _is_branch(value) else _class(value)
        elif callable(value):
            parts += [f"### `{name}`", *_callable(name, value)]
        else:
            code = f"{name} = {_literal(value)}".replace("'", '"')
            parts.append(f"```python\n{code}\n```")
    return "\n\n".join(parts) + "\n"


def _literal(value: object) -> str:
    """Return a constant as a Python literal."""
    if isinstance(value, Mapping):
        return "\n".join(["{", *(f"    {key!r}: {place!r}," for key, place in value.items()), "}"])
    return repr(value)


def _callable(name: str, value: Callable[..., Any]) -> list[str]:
    constants = {name: value for name, value in public().items() if not callable(value)}
    code = f"```python\n{signature(name, value, constants)}\n```"
    return [code, markdown(docstring(value))]


def _class(cls: Class) -> list[str]:
    """Return a class: its constructor, properties, methods and, for errors, subclasses."""
    name = cls.__name__
    parts = [f"### `{name}`", *_callable(name, cls)]
    members = dict(_members(cls))
    properties = [f"- {_property(n, m)}" for n, m in members.items() if isinstance(m, property)]
    parts += ["Properties:", "\n".join(properties)] if properties else []
    for member, value in members.items():
        if inspect.isfunction(value):
            parts += [f"#### `{name}.{member}`", *_callable(member, value)]
    below = list(_branches(cls))
    return [*parts, "Its subclasses:", "\n".join(below)] if below else parts


def _members(cls: Class) -> Iterator[tuple[str, object]]:
    """Yield a class's public members, including those of its bases in this package."""
    for one in cls.__mro__:
        if one.__module__.startswith(package.__name__):
            yield from ((name, m) for name, m in vars(one).items() if not name.startswith("_"))


def _property(name: str, value: property) -> str:
    returns = inspect.signature(value.fget).return_annotation if value.fget else None
    return f"`{name}` (`{inspect.formatannotation(returns)}`): {after_colon(docstring(value))}"


def _is_branch(value: object) -> bool:
    """Return whether an object is an error that is listed under its base class."""
    return inspect.isclass(value) and issubclass(value, Exception) and _base(value) in _errors()


def _errors() -> Mapping[Class, str]:
    return {value: name for name, value in public().items() if inspect.isclass(value)}


def _base(cls: Class) -> Class:
    return cls.__mro__[1]


def _branches(cls: Class, indent: str = "") -> Iterator[str]:
    """Yield an error's subclasses, as entries of nested lists."""
    for one in cls.__subclasses__():
        if one in _errors():
            text = after_colon(docstring(one)).replace("\n", f"\n{indent}")
            yield f"{indent}- `{one.__name__}`: {text}"
            yield from _branches(one, f"{indent}  ")
