"""Coverage, as `make test` runs it, finds every branch that goes one way only."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

SAMPLE = """\
import asyncio

def one_way(flag):
    if flag:
        return 1
    return 2

def both_ways(flag):
    if flag:
        return 1
    return 2

def never_done(numbers):
    for number in numbers:
        return number

async def never_matched(number):
    await asyncio.sleep(0)
    while number:
        number -= 1
        if number == 9:
            number = 0
    match number:
        case 1:
            number = 2
    return [each for each in (1, 2) if each]

one_way(True), both_ways(True), both_ways(False), never_done([1])
asyncio.run(never_matched(2))
"""


def test_branches_that_go_one_way_are_missing(tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(SAMPLE, encoding="utf-8")
    for command in ("tests.branches run --branch sample.py", "coverage json --quiet"):
        subprocess.run(
            [sys.executable, "-m", *command.split()],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{ROOT}"},
            check=True,
        )

    [file] = json.loads((tmp_path / "coverage.json").read_text(encoding="utf-8"))["files"].values()

    assert file["missing_branches"] == [[4, 6], [14, -13], [21, 22], [24, 25]]
    assert file["missing_lines"] == [6, 22, 25]
