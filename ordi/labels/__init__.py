"""Printing labels: on what stock, through which printer, what was printed and where the last sheet stopped."""
