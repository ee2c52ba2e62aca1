"""Every assumption holds against the stand-ins, and its check notices when it doesn't."""

import pytest

from bot.assumptions.assumption import AS_ASSUMED, DIFFERENT, NOT_TRIED, CheckResult
from bot.assumptions.listed import BY_HAND, assumptions
from tests.assumptions.conftest import Services
from tests.assumptions.flips import FLIPS, Flip

VERSIONS = ("v1", "v2")
_baseline: dict[str, dict[str, CheckResult]] = {}  # results with the default stand-ins, by version


def outcome(result: CheckResult) -> tuple[str, str]:
    return result.outcome, result.saw


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_stand_ins_behave_as_assumed(version: str, services: Services) -> None:
    results = await services.check(version)

    assert list(results) == [one.id for one in assumptions(version, has_notes=True)]
    assert {id_: result for id_, result in results.items() if result.outcome != AS_ASSUMED} == {}
    assert all(result.saw in result.assumption.accepted for result in results.values())
    assert all(call.ended_at for call in services.slack.workspace.calls.by_id.values())
    assert services.slack.workspace.messages == {}
    assert services.left_behind == ()
    [room] = [
        one
        for one in services.videosdk.meetings.values()
        if one["userMeetingId"].startswith("doctor-")
    ]
    assert room["disabled"]


@pytest.mark.parametrize("flip", FLIPS, ids=lambda flip: f"{flip.version}-{flip.id}-{flip.saw}")
async def test_a_check_notices_different_behaviour(flip: Flip, services: Services) -> None:
    before = _baseline.get(flip.version) or await services.check(flip.version)
    _baseline[flip.version] = before
    flip.change(services)

    after = await services.check(flip.version, to=flip.id)

    changed = {id_ for id_ in after if outcome(after[id_]) != outcome(before[id_])}
    # Checks that need what the flipped one should have created can't be tried.
    tried = {id_ for id_ in changed if after[id_].outcome != NOT_TRIED}
    is_accepted = flip.saw in after[flip.id].assumption.accepted
    assert tried == {flip.id}
    assert outcome(after[flip.id]) == (AS_ASSUMED if is_accepted else DIFFERENT, flip.saw)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_assumption_has_a_flip_and_a_source(version: str) -> None:
    known = assumptions(version, has_notes=True)
    flipped = {flip.id for flip in FLIPS if flip.version == version} | {
        flip.id for flip in FLIPS if flip.id.startswith(("call-", "card-", "slack-"))
    }

    assert {one.id for one in known} == flipped
    assert len(known) == len(flipped)
    assert all(one.sentence.endswith(".") and one.source for one in known)
    assert not {one.id for one in BY_HAND} & flipped
