"""Write every sentence that people read to docs/sentences.txt: `python -m tests.sentences`."""

import asyncio
import logging

from tests.sentences.scenes import FILE, written

if __name__ == "__main__":
    logging.disable()
    FILE.write_text(asyncio.run(written()), encoding="utf-8")
