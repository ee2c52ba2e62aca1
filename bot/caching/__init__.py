"""In-memory caches of one process."""
