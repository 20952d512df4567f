"""What stands on a pack, as people type it and as a telephone reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.pack_code import pack_code, spoken

LINK = "https://id.gs1.org/01/06900000000021/10/Y0812"


@pytest.mark.parametrize(
    "text",
    [
        "(01)06900000000021(10)Y0812",
        "(10)Y0812 (01) 06900000000021",
        "https://id.gs1.org/01/06900000000021/10/Y0812",
        "http://milk.example/shop/gtin/6900000000021/lot/Y0812?s=1",
        "https://milk.example/01/06900000000021/22/A/10/Y0812/21/77",
    ],
)
def test_gtin_and_lot_are_found_however_they_are_said(text: str) -> None:
    assert pack_code(text) == ("Y0812", LINK)


@pytest.mark.parametrize(
    "text", ["Y0812", "urn:epc:class:lgtin:6900000.000002.Y0812", "(10)Y0812", "https://[", "https://x/10/Y0812", "("]
)
def test_what_does_not_say_both_is_none(text: str) -> None:
    assert pack_code(text) is None


def test_lots_and_pieces_are_called_by_their_numbers_in_both_languages() -> None:
    piece, lot = spoken("urn:epc:id:sgtin:6900000.010734.3"), spoken(LINK)
    assert (piece.zh, lot.en) == ("GTIN 06900000107348 序列号 3", "GTIN 06900000000021, lot Y0812")
    assert spoken("urn:epc:class:lgtin:69.milk.L7").en == "urn:epc:class:lgtin:69.milk.L7"


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for lead in ("", "(", "https://", "(01)06900000000021(10)"):
        found = pack_code(lead + text)
        assert found is None or found[1].startswith("https://id.gs1.org/01/")
