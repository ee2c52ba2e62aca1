"""What the bot assumes about Slack and VideoSDK, and a check of each assumption.

`make test` checks all of them against the stand-ins of bot/sandbox; `python -m bot doctor --live`
against the real services.
"""
