"""Looking back: the live kernel over readings that are there already, and how well it found what people saw."""
