"""Figures, each beside a floor measured in the same run: on a shared machine only the ratio means something."""
