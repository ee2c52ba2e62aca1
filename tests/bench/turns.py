"""Load servers in turn, in slices so short that other work on the machine affects them equally."""

from dataclasses import dataclass

from tests.bench.driver import for_seconds, send
from tests.bench.processes import Server

SLICES = 5  # of a turn


@dataclass
class Turn:
    """The result of one server's turn.

    Attributes:
        cpu: the seconds of CPU that the server used.
        commands: the number of commands answered.
        seconds: the total time.
        busy: the seconds of CPU for sending, VideoSDK's side included.
    """

    cpu: float = 0.0
    commands: int = 0
    seconds: float = 0.0
    busy: float = 0.0

    @property
    def each(self) -> float:
        """Milliseconds of CPU per command."""
        return 1000 * self.cpu / self.commands

    @property
    def rate(self) -> float:
        """Commands a second."""
        return self.commands / self.seconds


async def take_turns(servers: list[Server], in_flight: int, seconds: float) -> dict[str, Turn]:
    """Load the servers in turn, with a fixed number of commands in flight, for `seconds` in all.

    Raises:
        LostError: a command got no card.
    """
    turns = {server.name: Turn() for server in servers}
    for server in servers * SLICES:
        turn, before = turns[server.name], server.cpu()
        load = await send(server.port, in_flight, for_seconds(seconds / SLICES))
        turn.cpu += server.cpu() - before
        turn.commands += len(load.answers)
        turn.seconds += load.seconds
        turn.busy += load.busy
    return turns
