"""Which goods travel under temperature control by their very UN number, so that a missing control temperature is a gap.

Self-reactive substances, polymerizing substances and organic peroxides "TEMPERATURE CONTROLLED" (IMDG 7.3.7). Others of
classes 4.1 and 5.2, such as magnesium, need none. The numbers are those of the dangerous goods list, 3533 and 3534
from memory.
"""

_RANGES = (range(3111, 3121), range(3231, 3241), range(3533, 3535))


def temperature_controlled(un: str) -> bool:
    """Whether goods of this UN number need a control and an emergency temperature."""
    return un.isdecimal() and any(int(un) in each for each in _RANGES)
