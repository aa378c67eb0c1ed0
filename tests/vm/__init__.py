"""A whole machine, emulated: Debian from memory, disks with serial numbers, a network that reaches this host only."""
