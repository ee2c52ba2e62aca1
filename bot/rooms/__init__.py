"""Rooms in VideoSDK, and who is in them."""
