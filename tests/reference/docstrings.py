"""Google-style docstrings as Markdown."""

import inspect
import re
import textwrap

_SECTIONS = {
    "Args:": "Arguments",
    "Attributes:": "Attributes",
    "Raises:": "Raises",
}
_ENTRY = re.compile(r"(\w+): (.+)", re.DOTALL)
_ERROR = re.compile(r"(?<![\w`])(VideoSDK\w*Error)(?![\w`])")
_EMPTY = re.compile(r"(?<!`)``(?!`)")
_TREE = "├──"  # a picture for readers of the code


def docstring(of: object) -> str:
    """Return an object's own docstring.

    Raises:
        ValueError: it has none.
    """
    doc = inspect.cleandoc(getattr(of, "__doc__", None) or "")
    if not doc:
        raise ValueError(f"{of} has no docstring")
    return doc


def markdown(doc: str) -> str:
    """Return a docstring as Markdown: its text, its code, and a list for each section."""
    blocks = [block for block in doc.split("\n\n") if _TREE not in block]
    return "\n\n".join(_block(block) for block in blocks)


def in_line(doc: str) -> str:
    """Return a docstring without sections as a list entry."""
    return _prose(doc).replace("\n\n", " ").replace("\n", "\n  ")


def after_colon(doc: str) -> str:
    """Return a docstring without sections as the part of a list entry after a name."""
    return in_line(doc[0].lower() + doc[1:])


def _block(block: str) -> str:
    first, _, rest = block.partition("\n")
    if first == "Returns:":
        return f"Returns:\n\n{_prose(textwrap.dedent(rest))}"
    if first in _SECTIONS:
        entries = re.split(r"\n(?=\S)", textwrap.dedent(rest))
        return "\n".join([f"{_SECTIONS[first]}:\n", *map(_entry, entries)])
    if block.startswith("    "):
        return f"```python\n{textwrap.dedent(block)}\n```"
    return _prose(block)


def _entry(entry: str) -> str:
    """Return a section's entry, with its continuation lines, as a list entry."""
    found = _ENTRY.fullmatch(entry)
    if not found:
        raise ValueError(f"no `name: text`: {entry}")
    name, text = found.groups()
    return f"- `{name}`: {in_line(re.sub(r'(?m)^ +', '', text))}"


def _prose(text: str) -> str:
    return _ERROR.sub(r"`\1`", _EMPTY.sub('`""`', text))
