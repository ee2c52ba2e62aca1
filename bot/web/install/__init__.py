"""Adding the app to a workspace."""
