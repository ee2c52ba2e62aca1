"""Sign in with Slack, for people who join."""
