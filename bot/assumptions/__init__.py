"""Assumptions about Slack and VideoSDK that the bot relies on, with a check of each.

`make test` checks all of them against the stand-ins of bot/sandbox; `python -m bot doctor --live`
against the real services.
"""
