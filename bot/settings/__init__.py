"""The environment: settings, and how each is read."""
