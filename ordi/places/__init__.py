"""Where people live: communes with their postcodes, and priority districts (QPV), as the official open files list them."""
