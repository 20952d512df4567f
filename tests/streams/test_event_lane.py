"""What is read off an events topic: an EPCIS event that would be misread is refused with the reason."""

from typing import Any

import msgspec
import pytest

from streams.event_lane import decode_event
from topics.codec import encode
from topics.events import Custody

GOOD = {"type": "ObjectEvent", "action": "ADD", "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"]}


@pytest.mark.parametrize(
    ("epcis", "said"),
    [
        (GOOD | {"epcList": "urn:a"}, r"epcis \$\.epcList: expected a list, got 'urn:a'"),
        (GOOD | {"type": "FooEvent"}, r"epcis \$\.type: expected one of ObjectEvent"),
        (GOOD | {"errorDeclaration": "yes"}, r"epcis \$\.errorDeclaration: expected an object, got 'yes'"),
    ],
)
def test_an_epcis_event_that_no_trace_could_follow_is_refused_by_its_reason(epcis: dict[str, Any], said: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=said):
        decode_event(encode(Custody("urn:uuid:1", "shop", 1_767_225_600_000, epcis)))


def test_a_record_that_lacks_something_is_read_and_left_to_those_who_judge_records() -> None:
    nothing = Custody("urn:uuid:1", "shop", 1_767_225_600_000, {"type": "ObjectEvent", "bizStep": "retail_selling"})
    assert decode_event(encode(nothing)) == nothing


def test_text_with_nul_is_refused_and_a_backslash_before_the_letters_is_text() -> None:
    bad = Custody("urn:uuid:1", "shop", 1_767_225_600_000, GOOD | {"note": "a\0b"})
    with pytest.raises(msgspec.ValidationError, match="text without NUL"):
        decode_event(encode(bad))
    good = Custody("urn:uuid:1", "shop", 1_767_225_600_000, GOOD | {"note": "\\u0000"})
    assert decode_event(encode(good)) == good
