"""Any cut of any stream gives the same pieces; every byte is in one of them; what was framed comes back."""

from hypothesis import given
from hypothesis import strategies as st

from streams.sources.jt808.framing import MARK, Framer, framed, unescaped

MESSAGES = st.lists(st.binary(min_size=1, max_size=80), max_size=6)
NOISE = st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([b"\x7e", b"\x7d\x02", b"\x7e\x7e"])), max_size=20)


def fed(stream: bytes, cuts: list[int], most: int = 100) -> list[tuple[int, bytes, bytes | None]]:
    framer = Framer(most)
    pieces, before = [], 0
    for cut in [*sorted(min(each, len(stream)) for each in cuts), len(stream)]:
        pieces += framer.feed(stream[before:cut])
        assert framer.pending <= most, "no more than one unfinished piece is held"
        before = cut
    return [(each.offset, each.raw, each.data) for each in pieces + framer.flush()]


@given(NOISE.map(b"".join), st.lists(st.integers(0, 800), max_size=12), st.integers(1, 60))
def test_how_a_stream_is_cut_makes_no_difference_and_no_byte_is_lost(stream: bytes, cuts: list[int], most: int) -> None:
    whole = fed(stream, [], most)
    assert fed(stream, cuts, most) == whole == fed(stream, list(range(len(stream))), most)
    between = stream.replace(b"\x7e", b"")
    assert b"".join(raw for _, raw, _ in whole) == between
    assert all(stream[offset : offset + len(raw)] == raw for offset, raw, _ in whole)


@given(MESSAGES)
def test_what_was_framed_comes_back(messages: list[bytes]) -> None:
    stream = b"".join(framed(each) for each in messages)
    assert [data for _, _, data in fed(stream, [], 400)] == messages
    assert stream.count(MARK) == 2 * len(messages), "no mark stands within a frame"


def test_one_mark_may_end_a_frame_and_begin_the_next() -> None:
    first, second = framed(b"\x01\x02"), framed(b"\x03\x7e\x7d")
    assert [data for _, _, data in fed(first + second[1:], [])] == [b"\x01\x02", b"\x03\x7e\x7d"]


def test_noise_between_frames_is_a_piece_of_its_own_and_harms_no_frame() -> None:
    good = framed(b"\x01\x02")
    assert [data for _, _, data in fed(b"GET /" + good + b"noise" + good, [])] == [None, b"\x01\x02", None, b"\x01\x02"]


def test_wrong_escapes_and_wrong_check_bytes_are_no_frame() -> None:
    assert unescaped(framed(b"\x01\x02")[1:-1]) == b"\x01\x02"
    assert unescaped(b"\x01\x02\x04") is None
    assert unescaped(b"\x01\x7d") is None
    assert unescaped(b"\x01\x7d\x03\x02") is None


def test_a_frame_that_never_ends_is_cut_and_the_next_one_read() -> None:
    pieces = fed(b"\x7e" + bytes(250) + framed(b"\x05\x06"), [], 100)
    assert [(len(raw), data) for _, raw, data in pieces] == [(100, None), (100, None), (50, None), (3, b"\x05\x06")]
