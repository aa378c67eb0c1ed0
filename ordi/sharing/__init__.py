"""Programmes, requests, allocation, hand-over: how computers go out."""
