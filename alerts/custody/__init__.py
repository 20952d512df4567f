"""Custody of food and drugs in the store: EPCIS events, what they link, recalls and what became of them."""
