"""Safety production work: what firms and inspectors say of it, and what follows from what they said. Pure."""
