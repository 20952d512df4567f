"""Scenarios that are played through the kernel and held against what must come of them."""
