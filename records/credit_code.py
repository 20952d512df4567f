"""The unified social credit code of a firm (GB 32100-2015): 18 characters, the last a check character."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code_fault(code: str) -> str | None:
    """What was required of the code and not met, ``None`` for a good one.

    >>> credit_code_fault("91330100799655058C")
    'a code whose check character is B'
    >>> credit_code_fault("91330100799655058B") is None
    True
    """
    if len(code) != 18 or any(character not in _ALPHABET for character in code):
        return "18 characters of 0-9 and A-Y without I, O, S, V (GB 32100)"
    total = sum(_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(code[:17]))
    check = _ALPHABET[-total % 31]
    return None if code[17] == check else f"a code whose check character is {check}"
