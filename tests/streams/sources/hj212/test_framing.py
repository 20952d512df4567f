"""The framer: any cut of any stream gives the same pieces, garbage is kept, memory is bounded."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.sources.hj212.client import build_frame
from streams.sources.hj212.framing import LARGEST_ENCRYPTED, LARGEST_FRAME, LARGEST_GARBAGE, Framer
from streams.sources.piece import Piece
from tests.streams.sources.hj212.vectors import ENCRYPTED, GOOD, OFFICIAL_2017, SURFACE_WATER

GOOD_FRAMES = [frame for frame, _, _ in GOOD.values()]


def pieces_of(*chunks: bytes) -> list[Piece]:
    framer = Framer()
    return [piece for chunk in chunks for piece in framer.feed(chunk)] + framer.flush()


def raws(pieces: list[Piece], good: bool) -> list[bytes]:
    return [piece.raw for piece in pieces if (piece.data is not None) == good]


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b""])
def test_printed_frames_are_taken_with_and_without_their_end(name: str, end: bytes) -> None:
    frame = GOOD[name][0]
    assert pieces_of(frame + end) == [Piece(0, frame, frame[6:-4])]


def test_a_frame_is_there_before_its_crlf_comes() -> None:
    framer = Framer()
    assert len(framer.feed(OFFICIAL_2017)) == 1
    assert framer.feed(b"\r\n") == [] and framer.pending == 0


def test_both_cases_of_the_check_sum() -> None:
    lower = SURFACE_WATER
    upper = lower[:-4] + lower[-4:].upper()
    assert upper != lower
    assert len(raws(pieces_of(upper + lower), good=True)) == 2


def test_sticky_frames() -> None:
    assert raws(pieces_of(b"\r\n".join(GOOD_FRAMES)), good=True) == GOOD_FRAMES
    assert raws(pieces_of(b"".join(GOOD_FRAMES)), good=True) == GOOD_FRAMES


def test_9999_bytes_of_data_are_taken() -> None:
    segment = b"ST=32;CN=2011;PW=123456;MN=M1;CP=&&DataTime=20160801085857;".ljust(9997, b"x") + b"&&"
    frame = build_frame(segment, crlf=False)
    assert frame[2:6] == b"9999"
    assert raws(pieces_of(frame + OFFICIAL_2017), good=True) == [frame, OFFICIAL_2017]


@pytest.mark.parametrize(
    "bad",
    [
        OFFICIAL_2017.replace(b"##0101", b"##0099"),
        OFFICIAL_2017.replace(b"##0101", b"##0103"),
        OFFICIAL_2017.replace(b"##0101", b"##9101"),
        OFFICIAL_2017.replace(b"##0101", b"##01x1"),
        OFFICIAL_2017.replace(b"RtdInterval", b"RtdIntervas"),
        OFFICIAL_2017[:60],
        OFFICIAL_2017[:-2],
        b"GET / HTTP/1.1",
        b"#",
        ENCRYPTED + b"\r\n",
    ],
)
@pytest.mark.parametrize("end", [b"\r\n", b""])
def test_a_bad_piece_costs_none_of_its_neighbours(bad: bytes, end: bytes) -> None:
    pieces = pieces_of(OFFICIAL_2017 + end + bad + end + OFFICIAL_2017 + end)
    assert raws(pieces, good=True) == [OFFICIAL_2017, OFFICIAL_2017]
    kept = b"".join(raws(pieces, good=False))
    assert kept.strip(b"\r\n") == bad.strip(b"\r\n")


def test_a_length_far_too_long_does_not_hold_up_the_next_frame() -> None:
    framer = Framer()
    assert framer.feed(OFFICIAL_2017.replace(b"##0101", b"##9999") + b"\r\n")[0].data is None
    assert framer.feed(OFFICIAL_2017)[0].data is not None


def test_an_encrypted_body_ends_at_its_crlf_although_its_length_is_that_of_the_plain_text() -> None:
    assert len(ENCRYPTED) - 10 > 123
    assert pieces_of(ENCRYPTED + b"\r\n" + OFFICIAL_2017) == [
        Piece(0, ENCRYPTED + b"\r\n"),
        Piece(len(ENCRYPTED) + 2, OFFICIAL_2017, OFFICIAL_2017[6:-4]),
    ]


def test_places_in_the_stream() -> None:
    pieces = pieces_of(b"\r\nxx" + OFFICIAL_2017 + b"\r\n" + OFFICIAL_2017)
    assert [piece.offset for piece in pieces] == [2, 4, 6 + len(OFFICIAL_2017)]


#: What a line may carry: good frames, broken ones, and bytes that look like their parts.
PARTS = st.one_of(
    st.sampled_from([*GOOD_FRAMES, ENCRYPTED, *(frame[:50] for frame in GOOD_FRAMES)]),
    st.sampled_from([b"\r\n", b"\r", b"\n", b"#", b"##", b"###", b"##01", b"##0101", b"##9999QN=", b"&&"]),
    st.binary(max_size=30),
    st.binary(max_size=60).map(lambda data: build_frame(data.replace(b"#", b"x").replace(b"\r", b"x"))),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PARTS, max_size=12).map(b"".join), st.data())
def test_any_cut_of_any_stream_gives_the_same_pieces(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole = pieces_of(stream)
    assert pieces_of(*chunks) == whole
    assert pieces_of(*(stream[place : place + 1] for place in range(len(stream)))) == whole


@settings(max_examples=200, deadline=None)
@given(st.lists(PARTS, max_size=12).map(b"".join))
def test_no_byte_is_lost_but_line_ends_between_pieces(stream: bytes) -> None:
    place = 0
    for piece in pieces_of(stream):
        assert not stream[place : piece.offset].strip(b"\r\n")
        assert stream[piece.offset :].startswith(piece.raw)
        place = piece.offset + len(piece.raw)
    assert not stream[place:].strip(b"\r\n")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(PARTS, max_size=40).map(b"".join), max_size=10))
def test_good_frames_survive_fuzz_that_ends_with_its_line(fuzz: list[bytes]) -> None:
    stream = b"".join(part + b"\r\n" + OFFICIAL_2017 + b"\r\n" for part in fuzz)
    assert raws(pieces_of(stream), good=True).count(OFFICIAL_2017) >= len(fuzz)


@pytest.mark.parametrize(
    ("start", "filler", "bound"),
    [
        (b"", b"x", LARGEST_GARBAGE),
        (b"##zzzz", b"x", LARGEST_FRAME),
        (b"##9999", b"x", LARGEST_FRAME),
        (ENCRYPTED[:110].replace(b"##0123", b"##0095"), b"x", LARGEST_ENCRYPTED),
        (b"", b"#", LARGEST_FRAME),
    ],
)
def test_memory_is_bounded_whatever_never_ends(start: bytes, filler: bytes, bound: int) -> None:
    framer, got = Framer(), 0
    chunk = filler * 997
    for part in [start, *([chunk] * 200)]:
        got += sum(len(piece.raw) for piece in framer.feed(part))
        assert framer.pending <= bound
    got += sum(len(piece.raw) for piece in framer.flush())
    assert got == len(start) + 200 * len(chunk)
