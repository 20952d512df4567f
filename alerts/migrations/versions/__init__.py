"""One module per step; the first creates the four objects, their log and the reader's offsets."""
