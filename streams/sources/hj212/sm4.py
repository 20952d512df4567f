"""Encrypted data areas of HJ 212-2025 (6.4, Annex A.2): SM4, ECB, no padding.

Of what stands between ``CP=&&`` and the last ``&&`` whole blocks of 16 bytes are encrypted and written as
``{0xE4,0x3E,…}``; the rest of fewer than 16 bytes follows in plain text. Length and check sum of the frame are
those of the *plain* data segment, so only who has the device's key can verify them.
"""

import re

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

KEY_BYTES = 16
BLOCK_BYTES = 16

_OPENING, _CLOSING = b"CP=&&", b"&&"
_AREA = re.compile(rb"CP=&&\{((?:0x[0-9A-Fa-f]{2},)*0x[0-9A-Fa-f]{2})\}")


class NotDecrypted(ValueError):
    """The area is not written as the standard says, or the blocks are not whole."""


def decrypt_segment(body: bytes, key: bytes) -> bytes:
    """The plain data segment of one with an encrypted area. Raises ``NotDecrypted``.

    ``body`` is what stands between the length and the check sum. Whether the key was the right one only the
    check sum can tell.
    """
    area = _AREA.search(body)
    if area is None:
        raise NotDecrypted("expected CP=&&{0x..,0x..}, found no such area")
    cipher = bytes.fromhex(area[1].replace(b"0x", b"").replace(b",", b"").decode())
    if len(cipher) % BLOCK_BYTES:
        raise NotDecrypted(f"expected whole blocks of {BLOCK_BYTES} bytes, got {len(cipher)} bytes")
    decryptor = Cipher(SM4(key), modes.ECB()).decryptor()
    plain = decryptor.update(cipher) + decryptor.finalize()
    return body[: area.start()] + _OPENING + plain + body[area.end() :]


def encrypt_segment(segment: bytes, key: bytes) -> bytes:
    """The segment with its data area encrypted; as it is where the area is shorter than a block."""
    start = segment.find(_OPENING)
    end = segment.rfind(_CLOSING)
    if start < 0 or end < start + len(_OPENING):
        raise NotDecrypted("expected a data segment with CP=&&…&&")
    area = segment[start + len(_OPENING) : end]
    whole = len(area) // BLOCK_BYTES * BLOCK_BYTES
    if not whole:
        return segment
    encryptor = Cipher(SM4(key), modes.ECB()).encryptor()
    cipher = encryptor.update(area[:whole]) + encryptor.finalize()
    written = ",".join(f"0x{byte:02X}" for byte in cipher).encode()
    return b"%b%b{%b}%b%b" % (segment[:start], _OPENING, written, area[whole:], segment[end:])
