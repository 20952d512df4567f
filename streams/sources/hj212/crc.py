"""The check sum of HJ 212 (Annex A, "ANSI CRC16"), which is *not* CRC-16/MODBUS.

MODBUS does ``register XOR byte``; HJ 212 does ``(register >> 8) XOR byte``: it throws the low byte
away. So the next register depends on eight bits only, and one table look-up per byte is the whole of it.

That map of eight bits onto eight bits is linear, and doing it eight times gives back what one began with.
So bytes eight places apart meet the same map: the data folded by XOR into its last eight bytes has the
check sum of the whole, and only those eight need the table. (It also means that two bytes swapped with their
neighbours eight places on go unseen: as a proof of anything the sum is weak.)
"""

_POLYNOMIAL = 0xA001
_START = 0xFFFF


def _shift(register: int) -> int:
    """Eight steps of: shift right by one, XOR the polynomial where a 1 fell out."""
    for _ in range(8):
        register = (register >> 1) ^ _POLYNOMIAL if register & 1 else register >> 1
    return register


_TABLE = tuple(_shift(byte) for byte in range(256))
_HIGH = bytes(register >> 8 for register in _TABLE)

#: Folding in halves: shift and mask for each number of bits from the largest segment's down to two blocks.
_FOLDS = tuple((64 << power, (1 << (64 << power)) - 1) for power in range(11, -1, -1))


def crc16(data: bytes) -> int:
    """HJ 212's check sum of a data segment, 0 to 0xFFFF.

    >>> f"{crc16(b'123456789'):04X}"
    '2F80'
    """
    if not data:
        return _START
    # The register's start meets the first byte, so it is folded with it.
    folded = int.from_bytes(data, "big") ^ (_START >> 8 << 8 * len(data) - 8)
    bits = folded.bit_length()
    for shift, mask in _FOLDS:
        while bits > shift:
            folded = (folded >> shift) ^ (folded & mask)
            bits = max(bits - shift, shift)
    one, two, three, four, five, six, seven, last = folded.to_bytes(8, "big")
    high = _HIGH[_HIGH[_HIGH[_HIGH[one] ^ two] ^ three] ^ four]
    return _TABLE[_HIGH[_HIGH[_HIGH[high ^ five] ^ six] ^ seven] ^ last]


def crc16_by_bytes(data: bytes) -> int:
    """The same, byte by byte as the standard writes it: what ``crc16`` is compared with."""
    register = _START
    for byte in data:
        register = _TABLE[(register >> 8) ^ byte]
    return register


def modbus_crc16(data: bytes) -> int:
    """CRC-16/MODBUS, which some devices send by mistake; only used to say so.

    >>> f"{modbus_crc16(b'123456789'):04X}"
    '4B37'
    """
    register = _START
    for byte in data:
        register = (register >> 8) ^ _TABLE[(register ^ byte) & 0xFF]
    return register


def crc_text(data: bytes) -> bytes:
    """The four hex digits as a frame carries them: upper case, high byte first."""
    return b"%04X" % crc16(data)
