"""Encrypted data areas: there and back, the standard's own cipher, and areas that are none."""

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.hj212.sm4 import NotDecrypted, decrypt_segment, encrypt_segment

#: The public test key: sixteen times the digit 0.
KEY = b"0" * 16
HEAD = b"QN=20240601085857223;ST=32;CN=2011;PW=123456;MN=M1;Flag=9;CP=&&"


def test_the_cipher_is_that_of_gb_t_32907() -> None:
    """Example 1 of the standard's Annex A."""
    example = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(SM4(example), modes.ECB()).encryptor()
    assert (encryptor.update(example) + encryptor.finalize()).hex() == "681edf34d206965e86b3e94f536e4246"


def test_whole_blocks_are_hidden_and_the_rest_stays_plain() -> None:
    plain = HEAD + b"DataTime=20240601085857;w01018-Rtd=12.5" + b"&&"  # 39 bytes: two blocks and seven
    hidden = encrypt_segment(plain, KEY)
    assert hidden.startswith(HEAD + b"{0x") and hidden.endswith(b"}td=12.5&&")
    assert b"DataTime" not in hidden and hidden.count(b"0x") == 32
    assert decrypt_segment(hidden, KEY) == plain


@given(st.binary(max_size=200).filter(lambda area: not area.startswith(b"{0x")), st.binary(min_size=16, max_size=16))
def test_there_and_back(area: bytes, key: bytes) -> None:
    plain = HEAD + area + b"&&"
    hidden = encrypt_segment(plain, key)
    assert (decrypt_segment(hidden, key) if len(area) >= 16 else hidden) == plain


@pytest.mark.parametrize("area", [b"{0x11,0x22}", b"{0x1}", b"plain", b"{}"])
def test_what_is_no_such_area_is_refused(area: bytes) -> None:
    with pytest.raises(NotDecrypted):
        decrypt_segment(HEAD + area + b"&&", KEY)
