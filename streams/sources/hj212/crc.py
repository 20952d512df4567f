"""The check sum of HJ 212 (Annex A, "ANSI CRC16"), which is *not* CRC-16/MODBUS.

MODBUS does ``register XOR byte``; HJ 212 does ``(register >> 8) XOR byte``: it throws the low byte
away. So the next register depends on eight bits only, and one table look-up per byte is the whole of it.
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


def crc16(data: bytes) -> int:
    """HJ 212's check sum of a data segment, 0 to 0xFFFF.

    >>> f"{crc16(b'123456789'):04X}"
    '2F80'
    """
    if not data:
        return _START
    high = _START >> 8
    for byte in data[:-1]:
        high = _HIGH[high ^ byte]
    return _TABLE[high ^ data[-1]]


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
