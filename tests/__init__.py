"""Ordi's tests: they read as sentences about the association."""
