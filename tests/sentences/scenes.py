"""All scenes, written to one file."""

import asyncio

from tests.conftest import ROOT
from tests.sentences import for_operators, in_slack, inviting, notes, on_pages, signing_in
from tests.sentences.sheet import Sheet

FILE = ROOT / "docs" / "sentences.txt"

_HEAD = """\
Every sentence that people read, as the bot sent it in a run between its stand-ins.

Each line appears once, under what caused it; … stands for lines that are shown above, and {…} for
what differs from run to run. To write this file again: python -m tests.sentences
"""


async def written() -> str:
    """Play all scenes, and return the file's text."""
    sheet = Sheet()
    away = asyncio.create_task(in_slack.without_database())
    in_slack.menus(sheet)
    await in_slack.starting(sheet)
    await inviting.inviting(sheet)
    await in_slack.checking(sheet)
    await in_slack.ending(sheet)
    await notes.notes(sheet)
    await in_slack.failing(sheet, await away)
    await on_pages.joining(sheet)
    await signing_in.signing_in(sheet)
    await on_pages.installing(sheet)
    for_operators.settings(sheet)
    await for_operators.doctor(sheet)
    for_operators.manifest(sheet)
    return f"{_HEAD}\n{sheet.text}"
