"""What the database said is remembered, and it is asked no more often than needed."""

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.installs import cache as caching
from bot.installs.cache import FRESH, RETRY, Cache
from bot.slack.workspaces import InstallsUnavailableError, Workspace

ONE, TWO, THREE = (Workspace(f"T{number}") for number in (1, 2, 3))


@dataclass
class Source:
    """A database that can be away, and is slow when it has to be."""

    found: dict[Workspace, str] = field(default_factory=dict)
    asked: int = 0
    away: bool = False
    now: float = 0.0
    answering: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answering.set()

    async def find(self, key: Workspace) -> str | None:
        self.asked += 1
        answer = self.found.get(key)
        await self.answering.wait()
        if self.away:
            raise InstallsUnavailableError("away")
        return answer

    def clock(self) -> float:
        return self.now


@pytest.fixture
def source() -> Source:
    return Source({ONE: "one", TWO: "two", THREE: "three"})


@pytest.fixture
def cache(source: Source) -> Cache[str]:
    return Cache(source.find, source.clock)


async def test_an_answer_is_good_for_a_minute(source: Source, cache: Cache[str]) -> None:
    assert [await cache.get(ONE) for _ in range(3)] == ["one"] * 3
    assert source.asked == 1

    source.found[ONE], source.now = "changed", FRESH
    assert await cache.get(ONE) == "changed"
    del source.found[ONE]
    source.now *= 2
    assert await cache.get(ONE) is None


async def test_what_is_not_there_is_asked_for_each_time(source: Source, cache: Cache[str]) -> None:
    source.found.clear()
    assert await cache.get(ONE) is None

    source.found[ONE] = "new"
    assert await cache.get(ONE) == "new"


async def test_all_who_ask_at_once_wait_for_one_answer(source: Source, cache: Cache[str]) -> None:
    source.answering.clear()
    asking = [asyncio.create_task(cache.get(ONE)) for _ in range(5)]
    await asyncio.sleep(0)
    asking[0].cancel()
    source.answering.set()

    answers = await asyncio.gather(*asking, return_exceptions=True)

    assert (source.asked, answers[1:]) == (1, ["one"] * 4)


async def test_an_old_answer_serves_while_the_database_is_away(
    source: Source, cache: Cache[str]
) -> None:
    await cache.get(ONE)
    source.away, source.now = True, FRESH

    assert [await cache.get(ONE) for _ in range(3)] == ["one"] * 3
    assert source.asked == 2
    with pytest.raises(InstallsUnavailableError):
        await cache.get(TWO)
    source.away, source.found[ONE] = False, "changed"
    source.now += RETRY
    assert await cache.get(ONE) == "changed"


@pytest.mark.parametrize("away", [False, True])
async def test_an_answer_from_before_a_change_is_not_kept(
    source: Source, cache: Cache[str], *, away: bool
) -> None:
    source.answering.clear()
    asking = asyncio.create_task(cache.get(ONE))
    await asyncio.sleep(0)
    cache.forget(ONE)
    cache.keep(TWO, "kept")
    source.found.clear()
    source.away = away
    source.answering.set()
    await asyncio.gather(asking, return_exceptions=True)
    source.away = False

    assert await cache.get(ONE) is None
    assert await cache.get(TWO) == "kept"


async def test_the_answer_asked_for_longest_ago_makes_room(
    source: Source, cache: Cache[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "SIZE", 2)
    for key in (ONE, TWO, ONE, THREE):
        await cache.get(key)

    assert source.asked == 3
    await cache.get(ONE)
    assert source.asked == 3
    await cache.get(TWO)
    assert source.asked == 4
