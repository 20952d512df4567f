"""Kitchens under cameras in the store: what was seen, which cameras see, visits, and what follows from all of it."""
