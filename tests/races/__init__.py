"""Two requests that meet on PostgreSQL, held apart by hand so that they meet alike each time."""
