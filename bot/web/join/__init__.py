"""The join page."""
