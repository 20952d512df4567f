"""Kitchens under cameras: what was seen in three classes, cameras that do not see, scores and visits. Pure."""
