"""The reference page of bot.videosdk, written from its docstrings."""
