"""Signatures as Python source, on as few lines as fit."""

import inspect
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_WIDTH = 88
_OWN = re.compile(r"\b(?:bot|collections|datetime)\.(?:[a-z_]+\.)*(?=\w)")  # modules before a name


class _Named:
    """A default value that is shown by its name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


def signature(name: str, of: Callable[..., Any], constants: Mapping[str, object]) -> str:
    """Return the signature of a class, function or method.

    Args:
        name: the name to show.
        of: the class, function or method.
        constants: the public ones by name; a default that is one of them is shown by its name.
    """
    found = inspect.signature(of)
    names = {id(value): name for name, value in constants.items()}
    parameters = [one for one in found.parameters.values() if one.name != "self"]
    parts = [_part(one, names) for one in parameters]
    if keywords := [i for i, one in enumerate(parameters) if one.kind is one.KEYWORD_ONLY]:
        parts.insert(keywords[0], "*")
    head = f"async def {name}" if inspect.iscoroutinefunction(of) else f"def {name}"
    tail = f" -> {_plain(inspect.formatannotation(found.return_annotation))}"
    if inspect.isclass(of):
        head, tail = f"class {name}", ""
    line = f"{head}({', '.join(parts)}){tail}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"{head}(", *(f"    {part}," for part in parts), f"){tail}"])


def _part(parameter: inspect.Parameter, names: Mapping[int, str]) -> str:
    default = parameter.default
    if id(default) in names:
        parameter = parameter.replace(default=_Named(names[id(default)]))
    elif isinstance(default, str):
        parameter = parameter.replace(default=_Named(json.dumps(default)))
    elif isinstance(default, Mapping):
        parameter = parameter.replace(default=_Named(repr(dict(default))))
    return _plain(str(parameter))


def _plain(text: str) -> str:
    return _OWN.sub("", text)
