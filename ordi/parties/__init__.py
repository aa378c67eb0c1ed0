"""Who takes part: organisations, people with roles, households."""
