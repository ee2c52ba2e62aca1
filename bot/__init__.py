"""Meet for Slack: start and check VideoSDK.live meetings from Slack."""
