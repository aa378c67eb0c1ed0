"""The door: accounts, passwords, sessions. Credentials live here, beside the domain's Person and never in it."""
