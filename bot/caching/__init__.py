"""What a process remembers for a while."""
