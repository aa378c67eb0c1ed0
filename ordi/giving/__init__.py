"""Offers, collections, triage, lots: how computers come in."""
