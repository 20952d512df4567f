"""Accidents of production: cases made known, reported on the clock, graded anew, exported for the bureau."""
