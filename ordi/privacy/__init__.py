"""What Ordi knows of people, for how long, and how it forgets: read beside every other room, changed by none of them."""
