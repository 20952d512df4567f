"""Dead letters: what stands in the headers comes back, and nothing else is taken for one."""

import pytest

from topics.dead_letter import REASONS, DeadLetter, from_headers, to_headers

LETTER = DeadLetter("readings.food", 3, 17, "schema_mismatch", "应为数值 - at `$.value`", "worker", 1_700_000_000_000)


def test_headers_carry_a_letter_as_text() -> None:
    headers = to_headers(LETTER)
    assert ("partition", b"3") in headers
    assert from_headers([*headers, ("traceparent", b"\xff")]) == LETTER


@pytest.mark.parametrize("missing", ["topic", "partition", "offset", "reason", "detail", "by", "time"])
def test_a_missing_header_is_named(missing: str) -> None:
    with pytest.raises(ValueError, match=f"dead letter headers: .*`{missing}`"):
        from_headers([header for header in to_headers(LETTER) if header[0] != missing])


def test_a_number_that_is_none_is_named() -> None:
    headers = dict(to_headers(LETTER)) | {"offset": b"soon"}
    with pytest.raises(ValueError, match=r"\$\.offset"):
        from_headers(headers.items())


def test_only_the_reasons_of_the_table_are_reasons() -> None:
    with pytest.raises(ValueError, match="reason: expected one of"):
        DeadLetter("readings.food", 0, 0, "bored", "", "worker", 0)
    assert all(title.zh and title.en for title in REASONS.values())


def test_a_gateways_frame_cannot_go_back_to_a_topic() -> None:
    assert LETTER.replayable
    assert not DeadLetter("gateway/hj212", -1, -1, "bad_frame", "", "gateway", 0).replayable
