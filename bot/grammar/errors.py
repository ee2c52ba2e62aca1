"""What can be wrong with what somebody types."""

from dataclasses import dataclass


class TypingError(Exception):
    """What was typed makes no sense; the words for it are Slack's business.

    Attributes:
        invited: the people whom it invites, as one types them.
    """

    invited = ""


@dataclass(eq=False)
class OptionError(TypingError):
    """A word starts with a dash.

    Attributes:
        typed: all of it.
        option: the word.
    """

    typed: str
    option: str


@dataclass(eq=False)
class MisplacedRegionError(TypingError):
    """A region is not the last word, or there is more than one, or it has a label.

    Attributes:
        typed: all of it.
        name: the rest.
        region: the code.
    """

    typed: str
    name: str
    region: str


@dataclass(eq=False)
class UnknownRegionError(TypingError):
    """The last word looks like a region and is none.

    Attributes:
        typed: all of it, as one name.
        name: the rest.
        code: the last word.
    """

    typed: str
    name: str
    code: str


@dataclass(eq=False)
class LongNameError(TypingError):
    """A name is too long.

    Attributes:
        length: in characters.
    """

    length: int


class SeveralIdsError(TypingError):
    """There is more than one meeting ID in what was typed."""
