"""Meet for Slack: start and check VideoSDK.live meetings from Slack."""

__version__ = "1.1.0"  # pyproject.toml and CHANGELOG.md have it too
