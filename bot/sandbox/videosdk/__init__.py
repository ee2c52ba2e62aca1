"""The stand-in for VideoSDK."""
