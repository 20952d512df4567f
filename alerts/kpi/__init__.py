"""Key figures of the duty desks after ISA-18.2 and EEMUA 191: how much is asked of the people who answer."""
