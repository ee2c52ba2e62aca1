"""Write the reference of the VideoSDK client to docs/videosdk.md: `python -m tests.reference`."""

from tests.reference.page import FILE, written

if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
