"""Overwriting a drive, reading it back and saying what happened: facts, never a verdict."""
