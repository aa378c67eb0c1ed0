"""What tools print, as values. Pure: bytes in, values or `Unreadable` out, whatever the bytes."""
