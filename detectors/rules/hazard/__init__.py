"""Rules of a major hazard source: votes, rate of rise, suppression by design, inventory. Pure."""
