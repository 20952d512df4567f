"""Trying another configuration beside the live one, and bringing it into force by a person's word."""
