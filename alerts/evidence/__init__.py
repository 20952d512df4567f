"""Evidence packs: all that is known of one finding as one file that verifies without us (docs/evidence.md)."""
