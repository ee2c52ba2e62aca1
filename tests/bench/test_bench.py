"""The benchmarks report missed targets, and their page is up to date."""

import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.__main__ import judge, measure
from tests.bench.bench import Bench, Finding, Size
from tests.bench.figures.latency import measure_latency
from tests.bench.plot import Axis, Curve, plot
from tests.bench.processes import BOT
from tests.bench.report import write_report
from tests.bench.targets import TARGETS, ratio
from tests.conftest import ROOT

TINY = Size(rounds=1, singles=10)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2,
    reason="the bench needs Linux and two cores",
)


async def latency_of_the_bot(bench: Bench) -> Finding:
    return await measure_latency(bench, BOT)


async def test_a_missed_target_is_named_and_the_run_fails(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    targets = {
        "p50": replace(TARGETS["p50"], must=10_000),
        "p99": replace(TARGETS["p99"], must=0.001),  # a thousandth of a millisecond is impossible
    }

    findings = await measure((latency_of_the_bot,), TINY)
    write_report(tmp_path, findings, targets, TINY, 1.0)

    assert judge(findings, {"p50": targets["p50"]}) == 0
    assert "MISSED" not in capsys.readouterr().out
    assert judge(findings, targets) == 1
    output = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in output if line] == ["pass", "MISSED"]
    assert "1 in flight, p99 (VideoSDK's own latency)" in output[-1]
    assert (tmp_path / "benchmarks.md").read_text(encoding="utf-8").count("| MISSED |") == 1


def test_more_is_better_if_a_target_says_so() -> None:
    assert [TARGETS["rate"].is_reached(times) for times in (3.3, 3.4)] == [False, True]
    assert [TARGETS["cpu"].is_reached(times) for times in (2.5, 2.6)] == [True, False]
    assert ratio([2.0, 9.0, 3.0], [1.0, 1.0, 1.0]) == 3.0


def test_the_page_in_the_repository_has_all_current_targets() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")

    for target in TARGETS.values():
        assert f"| {' | '.join(target.row(0)[:4])} |" in page


def test_a_name_cannot_break_a_picture() -> None:
    picture = plot(
        "a < b", [Curve("<c>", [(0, 0), (1, 1)])], *[Axis("s", [(0, "0"), (1, "1")])] * 2
    )

    assert "a &lt; b" in picture
    assert "<c>" not in picture


def test_labels_of_curves_with_the_same_end_do_not_overlap() -> None:
    up = [(0.0, 0.0), (1.0, 1.0)]
    curves = [Curve("first", up), Curve("low", [(0, 0), (1, 0)]), Curve("second", up)]
    picture = plot("a", curves, *[Axis("s", [(0, "0"), (1, "1")])] * 2)

    names = re.findall(r'y="([\d.]+)" class="c\d".*>(.+)<', picture)
    level = {name: float(y) for y, name in names}
    assert level["first"] + 18 == level["second"] < level["low"]
