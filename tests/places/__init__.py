"""Communes and priority districts."""
