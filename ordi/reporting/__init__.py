"""What the network reads about itself; it changes nothing."""
