"""Notes of a call: one reply in the card's thread, kept in step with VideoSDK's transcription."""
