"""Warnings: judged statements that leave the house, how they are released and how CAP says them."""
