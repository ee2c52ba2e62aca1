"""The cache answers from memory, and queries the database only when it must."""

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.installs.cache import FRESH, RETRY, Cache
from bot.slack.workspaces import InstallsUnavailableError
from bot.workspace import Workspace

ONE, TWO, THREE = (Workspace(f"T{number}") for number in (1, 2, 3))


@dataclass
class Source:
    """A database that can be down or slow."""

    rows: dict[Workspace, str] = field(default_factory=dict)
    queries: int = 0
    is_down: bool = False
    now: float = 0.0
    answering: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answering.set()

    async def find(self, key: Workspace) -> str | None:
        self.queries += 1
        answer = self.rows.get(key)
        await self.answering.wait()
        if self.is_down:
            raise InstallsUnavailableError("down")
        return answer

    def clock(self) -> float:
        return self.now


@pytest.fixture
def source() -> Source:
    return Source({ONE: "one", TWO: "two", THREE: "three"})


@pytest.fixture
def cache(source: Source) -> Cache[str]:
    return Cache(source.find, source.clock)


async def test_a_value_is_cached_for_a_minute(source: Source, cache: Cache[str]) -> None:
    assert [await cache.get(ONE) for _ in range(3)] == ["one"] * 3
    assert source.queries == 1

    source.rows[ONE], source.now = "changed", FRESH
    assert await cache.get(ONE) == "changed"
    del source.rows[ONE]
    source.now *= 2
    assert await cache.get(ONE) is None


async def test_misses_are_not_cached(source: Source, cache: Cache[str]) -> None:
    source.rows.clear()
    assert await cache.get(ONE) is None

    source.rows[ONE] = "new"
    assert await cache.get(ONE) == "new"


async def test_concurrent_lookups_share_one_query(source: Source, cache: Cache[str]) -> None:
    source.answering.clear()
    asking = [asyncio.create_task(cache.get(ONE)) for _ in range(5)]
    await asyncio.sleep(0)
    asking[0].cancel()
    source.answering.set()

    answers = await asyncio.gather(*asking, return_exceptions=True)

    assert (source.queries, answers[1:]) == (1, ["one"] * 4)


async def test_a_stale_value_is_used_while_the_database_is_down(
    source: Source, cache: Cache[str]
) -> None:
    await cache.get(ONE)
    source.is_down, source.now = True, FRESH

    assert [await cache.get(ONE) for _ in range(3)] == ["one"] * 3
    assert source.queries == 2
    with pytest.raises(InstallsUnavailableError):
        await cache.get(TWO)
    source.is_down, source.rows[ONE] = False, "changed"
    source.now += RETRY
    assert await cache.get(ONE) == "changed"


@pytest.mark.parametrize("is_down", [False, True])
async def test_a_lookup_from_before_a_change_is_not_cached(
    source: Source, cache: Cache[str], *, is_down: bool
) -> None:
    source.answering.clear()
    asking = asyncio.create_task(cache.get(ONE))
    await asyncio.sleep(0)
    cache.forget(ONE)
    cache.put(TWO, "put")
    source.rows.clear()
    source.is_down = is_down
    source.answering.set()
    await asyncio.gather(asking, return_exceptions=True)
    source.is_down = False

    assert await cache.get(ONE) is None
    assert await cache.get(TWO) == "put"
