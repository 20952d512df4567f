"""How many injected frauds the integrity rules find in generated months, and how often they accuse the honest."""
