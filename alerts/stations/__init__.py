"""The logs of stations: maintenance of their instruments, and where to see them."""
