"""What is wrong with a frame, in words of both languages."""

import re
from typing import Literal

import msgspec

from streams.sources.hj212.crc import crc16, crc_text, modbus_crc16
from streams.sources.hj212.framing import ENCRYPTED_MARK
from topics.finding import Text

#: Which of the gateway's verdicts a diagnosis counts under.
Verdict = Literal["bad_crc", "bad_length", "bad_frame"]

_HEX = re.compile(rb"[0-9A-Fa-f]{4}")
#: As the standard's encrypted bodies are written: bytes as 0x.. in braces, then a plain rest of less than a block.
_ENCRYPTED = re.compile(rb"CP=&&\{(0x[0-9A-Fa-f]{2}(?:,0x[0-9A-Fa-f]{2})*)\}")


class Diagnosis(msgspec.Struct, frozen=True):
    """``code`` for programs, ``text`` for people. ``crc_ok`` is None where nobody can know (encrypted)."""

    code: str
    text: Text
    length_ok: bool = True
    crc_ok: bool | None = True

    @property
    def verdict(self) -> Verdict:
        """What a frame of this fault is counted as."""
        if self.code.startswith("crc"):
            return "bad_crc"
        return "bad_length" if self.code in ("length", "cut_off", "too_long") else "bad_frame"


class BadSegment(ValueError):
    """A data segment whose length and check sum are right, but which cannot be read."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.diagnosis = Diagnosis(code, Text(zh, en))


def diagnose_piece(raw: bytes) -> Diagnosis:
    """Why these bytes, which the framer found to be no good frame, are none."""
    body = raw.rstrip(b"\r\n")
    if not body.startswith(b"##"):
        zh, en = f"帧外的 {len(body)} 字节，不属于任何报文", f"{len(body)} bytes between frames that belong to none"
        return Diagnosis("garbage", Text(zh, en), False, False)
    if len(body) < 6:
        zh, en = f"报文中断：只收到 {len(body)} 字节", f"cut off after {len(body)} bytes, within the length"
        return Diagnosis("cut_off", Text(zh, en), False, False)
    if not body[2:6].isdigit():
        shown = _shown(body[2:6])
        zh, en = f"长度不是四位数字，而是 {shown}", f"length is {shown}, expected four digits"
        return Diagnosis("length_not_digits", Text(zh, en), False, False)
    declared, found = int(body[2:6]), len(body) - 10
    if ENCRYPTED_MARK in body:
        return _diagnose_encrypted(body, declared)
    if found < 0:
        zh, en = f"报文中断：应有 {declared} 字节，数据段为空", f"cut off: length says {declared}, nothing follows"
        return Diagnosis("cut_off", Text(zh, en), False, False)
    if found == declared:
        return _diagnose_crc(body[6:-4], body[-4:])
    return _diagnose_length(body, declared, found)


def _diagnose_crc(data: bytes, said: bytes) -> Diagnosis:
    """The length is right, the check sum is not."""
    right, shown = crc_text(data).decode(), _shown(said)
    if not _HEX.fullmatch(said):
        zh, en = f"校验码不是四位十六进制数，而是 {shown}", f"CRC is {shown}, expected four hex digits ({right})"
        return Diagnosis("crc_not_hex", Text(zh, en), True, False)
    if int(said, 16) == modbus_crc16(data):
        zh = f"校验码是 MODBUS 算法的（收到 {shown}，按 HJ 212 应为 {right}）"
        en = f"CRC is that of MODBUS (came {shown}, HJ 212 gives {right})"
        return Diagnosis("crc_modbus", Text(zh, en), True, False)
    if said.upper() == (right[2:] + right[:2]).encode():
        zh = f"校验码高低字节颠倒（收到 {shown}，应为 {right}）"
        en = f"CRC has its bytes swapped (came {shown}, HJ 212 gives {right})"
        return Diagnosis("crc_swapped", Text(zh, en), True, False)
    zh, en = f"校验码错误：收到 {shown}，计算为 {right}", f"CRC says {shown}, the data gives {right}"
    return Diagnosis("crc", Text(zh, en), True, False)


def _diagnose_length(body: bytes, declared: int, found: int) -> Diagnosis:
    """The piece is longer or shorter than its length says."""
    data, said = body[6:-4], body[-4:]
    if _HEX.fullmatch(said) and int(said, 16) == crc16(data):
        zh = f"长度写为 {declared}，实为 {found}（校验码正确）"
        en = f"length says {declared}, found {found} (the CRC is right)"
        return Diagnosis("length", Text(zh, en), False, True)
    if found > declared:  # bytes follow the place where it should have ended, so judge what stands there
        inner = _diagnose_crc(body[6 : 6 + declared], body[6 + declared : 10 + declared])
        if inner.code in ("crc_modbus", "crc_swapped"):
            return inner
    elif not (data.endswith(b"&&") and _HEX.fullmatch(said)):
        zh = f"报文中断：长度写为 {declared}，实为 {found}"
        en = f"cut off: length says {declared}, found {found}"
        return Diagnosis("cut_off", Text(zh, en), False, False)
    wrong = _diagnose_crc(data, said)
    zh = f"长度写为 {declared}，实为 {found}；{wrong.text.zh}"
    en = f"length says {declared}, found {found}; {wrong.text.en}"
    return Diagnosis("length", Text(zh, en), False, False)


def _diagnose_encrypted(body: bytes, declared: int) -> Diagnosis:
    """The length is that of the plain text, and so is the check sum, which only the key's owner can verify."""
    cipher = _ENCRYPTED.search(body)
    plain = len(body) - 10
    if cipher is not None:
        plain += (cipher[1].count(b",") + 1) - (len(cipher[1]) + 2)
    zh = "数据区为 SM4 密文（HJ 212-2025），解密需要该设备的密钥"
    en = "the body is SM4 cipher text (HJ 212-2025), which needs the device's key"
    if cipher is None or plain != declared:
        zh += f"；长度写为 {declared}，按明文计为 {plain}"
        en += f"; length says {declared}, its plain text has {plain}"
    return Diagnosis("encrypted", Text(zh, en), cipher is not None and plain == declared, None)


def _shown(some: bytes) -> str:
    """Bytes as a person may read them, quoted; what is not printable ASCII as ``\\xNN``."""
    return '"' + "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02X}" for byte in some) + '"'
