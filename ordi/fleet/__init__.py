"""Machines in use: how they enrol, what they tell, what it says of their health, and how a family asks for help."""
