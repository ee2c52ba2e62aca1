"""The bot's HTTP server, for Slack, VideoSDK, hosts and browsers."""
