"""First-station coding: goods bear one code from the first station to the sale, and no code means no sale. Pure."""
