"""Meet for Slack: start and check VideoSDK.live meetings from Slack."""

import sys

__version__ = "1.1.0"  # pyproject.toml and CHANGELOG.md have it too

# PyJWT loads the whole of cryptography where that is installed, for keys of kinds that sign nothing
# here: a fifth of the bot's memory, and of the time until it answers. So for the moment in which
# PyJWT looks, it is not installed. Who needs cryptography itself gets it all the same.
if "jwt" not in sys.modules and "cryptography" not in sys.modules:
    sys.modules["cryptography"] = None  # type: ignore[assignment] # which is how to say so
    import jwt  # noqa: F401

    del sys.modules["cryptography"]
