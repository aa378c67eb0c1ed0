"""Acts in which several trades take part at once."""
