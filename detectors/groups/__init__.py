"""Detectors over a group: the aligned vector of channels that one site, room or machine gives at a time."""
