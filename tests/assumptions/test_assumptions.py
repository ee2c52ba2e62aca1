"""Every assumption holds against the stand-ins, and its check notices when it does not."""

import pytest

from bot.assumptions.assumption import AS_ASSUMED, DIFFERENT, NOT_TRIED, CheckResult
from bot.assumptions.listed import BY_HAND, assumptions
from tests.assumptions.conftest import Services
from tests.assumptions.flips import FLIPS, Flip

VERSIONS = ("v1", "v2")
_usual: dict[str, dict[str, CheckResult]] = {}  # results by version, from the stand-ins as they are


def outcome(result: CheckResult) -> tuple[str, str]:
    return result.outcome, result.saw


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_stand_ins_are_as_the_bot_assumes(version: str, services: Services) -> None:
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
async def test_a_check_notices_when_a_service_behaves_otherwise(
    flip: Flip, services: Services
) -> None:
    before = _usual.get(flip.version) or await services.check(flip.version)
    _usual[flip.version] = before
    flip.change(services)

    after = await services.check(flip.version, to=flip.id)

    changed = {id_ for id_ in after if outcome(after[id_]) != outcome(before[id_])}
    # What rests on a thing that the flipped check should have made can't be tried.
    tried = {id_ for id_ in changed if after[id_].outcome != NOT_TRIED}
    is_accepted = flip.saw in after[flip.id].assumption.accepted
    assert tried == {flip.id}
    assert outcome(after[flip.id]) == (AS_ASSUMED if is_accepted else DIFFERENT, flip.saw)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_assumption_is_flipped_and_has_its_evidence(version: str) -> None:
    known = assumptions(version, has_notes=True)
    flipped = {flip.id for flip in FLIPS if flip.version == version} | {
        flip.id for flip in FLIPS if flip.id.startswith(("call-", "card-", "slack-"))
    }

    assert {one.id for one in known} == flipped
    assert len(known) == len(flipped)
    assert all(one.sentence.endswith(".") and one.source for one in known)
    assert not {one.id for one in BY_HAND} & flipped
