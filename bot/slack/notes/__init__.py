"""Notes of a call: one reply in its card's thread, which follows VideoSDK's transcription."""
