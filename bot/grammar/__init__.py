"""Parse what people type, and Slack's markup in it."""
