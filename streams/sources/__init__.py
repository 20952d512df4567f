"""Ways in: each source takes data off one wire and hands it to a publisher."""
