"""Measurements of the detectors: how fast, how good. Clocks are handed in, data paths too."""
