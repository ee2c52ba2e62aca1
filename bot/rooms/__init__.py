"""VideoSDK's rooms, and who is in them."""
