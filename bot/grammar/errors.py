"""Errors in what somebody typed after a command."""

from dataclasses import dataclass


class TypingError(Exception):
    """What was typed makes no sense. bot.slack.wording has the messages.

    Attributes:
        invited: the people it invites, in the form in which they are typed.
    """

    invited = ""


@dataclass(eq=False)
class OptionError(TypingError):
    """A word starts with a dash, like a command-line option.

    Attributes:
        typed: everything that was typed.
        option: the word.
    """

    typed: str
    option: str


@dataclass(eq=False)
class MisplacedRegionError(TypingError):
    """A region isn't the last word, isn't the only region, or has a label.

    Attributes:
        typed: everything that was typed.
        name: what was typed, without regions.
        region: the region's code.
    """

    typed: str
    name: str
    region: str


@dataclass(eq=False)
class UnknownRegionError(TypingError):
    """The last word looks like a region code but isn't one.

    Attributes:
        typed: everything that was typed, as a name.
        name: what was typed, without the last word.
        code: the last word.
    """

    typed: str
    name: str
    code: str


@dataclass(eq=False)
class LongNameError(TypingError):
    """A name is too long.

    Attributes:
        length: its length in characters.
    """

    length: int


class SeveralIdsError(TypingError):
    """What was typed has more than one meeting ID."""
