"""Install the app in a workspace."""
