"""Run VideoSDK's own Node SDK against the sandbox: `make contract`."""

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

TIMEOUT = 60  # seconds, for all calls

_ROOT = Path(__file__).parents[2]
_SCRIPT = Path(__file__).with_name("videosdk.mjs")
_SDK = Path("node_modules/@videosdk.live/server-sdk/dist/index.mjs")


async def check(folder: Path) -> int:
    """Make every call, print the results, and return the exit code.

    Args:
        folder: the folder in which the SDK is installed.
    """
    async with sandbox_keys() as keys, asyncio.timeout(TIMEOUT):
        node = await asyncio.create_subprocess_exec(
            "node", _SCRIPT, (folder / _SDK).resolve(), env=os.environ | keys
        )
        return await node.wait()


@asynccontextmanager
async def sandbox_keys() -> AsyncIterator[dict[str, str]]:
    """Run the sandbox, and yield the addresses and keys that it prints."""
    sandbox = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "sandbox", "--port", "0", "--keys", "--v2"),
        cwd=_ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert sandbox.stdout
    try:
        printed = await sandbox.stdout.readuntil(b"#")
        lines = printed.decode().splitlines()[:-1]
        yield dict(shlex.split(line)[0].split("=", 1) for line in lines)
    finally:
        sandbox.send_signal(signal.SIGTERM)
        await sandbox.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(check(Path(sys.argv[1]))))
