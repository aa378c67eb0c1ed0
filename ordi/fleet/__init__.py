"""Computers in use: enrolment, check-ins, health."""
