"""Somebody with a shell, a key and curl: what they can say to the real API, and what it is worth."""
