"""Searching a pack's settings against labels or verdicts, with figures that were not made on what chose them."""
