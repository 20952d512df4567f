"""What one line of a terminal comes to: registered, shown, believed; refused with the reason and a dead letter."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.jt808 import message as words
from streams.sources.jt808.framing import Framer, framed
from streams.sources.jt808.location import write_batch, write_location
from streams.sources.jt808.message import Message, read_message, write_message
from streams.sources.jt808.registration import read_answer, write_code, write_registration
from streams.sources.jt808.session import Job, Session
from streams.sources.jt808.terminals import TerminalKey, Terminals, load_terminals
from streams.sources.jt808.verdicts import VERDICTS
from tests.streams.sources.jt808.vehicles import NOW, OTHER, PHONE, PLATE, T0, city, place, report
from topics.dead_letter import from_headers
from topics.errors import ConfigurationError
from topics.positions import Position, read_told

CITY = city()
STRICT = Terminals({PHONE: TerminalKey("secret-1", peers=("10.1.0.0/16",))}, "refuse")


def session(terminals: Terminals | None = None, host: str = "10.1.2.3") -> Session:
    return Session(CITY, terminals or Terminals(), host, lambda: NOW)


def heard(mine: Session, data: bytes) -> list[Job]:
    return [mine.job(piece) for piece in Framer().feed(data)]


def say(name: int, body: bytes = b"", *, serial: int = 1, phone: str = PHONE, parts: int = 0, part: int = 0) -> bytes:
    return framed(write_message(Message(name, phone, serial, body, parts=parts, part=part)))


def answers(job: Job) -> list[tuple[int, int, int]]:
    """(message answered with, number answered, result)."""
    read = [read_message(piece.data) for piece in Framer().feed(job.answer or b"") if piece.data]
    return [(each.id, *read_answer(each)) for each in read]


def positions(job: Job) -> list[Position]:
    told = [read_told(record.value) for record in job.records if record.topic == "positions"]
    return [each for each in told if isinstance(each, Position)]


def reason(job: Job) -> str:
    (record,) = job.records
    assert record.topic == "dead-letters"
    return from_headers(record.headers[:7]).reason


def test_a_position_becomes_what_the_watch_over_carriers_reads() -> None:
    (job,) = heard(session(), report(30))
    (told,) = positions(job)
    assert told == Position(
        PLATE, T0 + 30_000, 39.05, 117.68, site="haul", domain="cargo", speed_kmh=42.5, heading_deg=97.0,
        terminal=PHONE, source="jt808",
    )  # fmt: skip
    assert (job.records[0].key, job.verdict, answers(job)) == (PLATE, "accepted", [(words.PLATFORM_ANSWER, 1, 0)])


def test_a_batch_of_what_was_kept_says_so() -> None:
    body = write_batch([write_location(place(second)) for second in (0, 20, 40)], kept=True)
    (job,) = heard(session(), say(words.LOCATION_BATCH, body, serial=9))
    assert [(each.time - T0, each.resent) for each in positions(job)] == [(0, True), (20_000, True), (40_000, True)]
    assert answers(job) == [(words.PLATFORM_ANSWER, 9, 0)]


def test_a_message_in_parts_is_answered_part_by_part_once_it_is_whole() -> None:
    body = write_batch([write_location(place(second)) for second in range(40)], kept=True)
    halves = body[:700], body[700:]
    stream = b"".join(
        say(words.LOCATION_BATCH, each, serial=5 + n, parts=2, part=n + 1) for n, each in enumerate(halves)
    )
    first, second = heard(session(), stream)
    assert (first.records, first.answer) == ((), None)
    assert len(positions(second)) == 40
    assert answers(second) == [(words.PLATFORM_ANSWER, 5, 0), (words.PLATFORM_ANSWER, 6, 0)]


def test_registered_then_shown_then_believed() -> None:
    mine = session(STRICT)
    early, registered, wrong, still, shown, late = heard(
        mine,
        report(0, serial=1)
        + say(words.REGISTER, write_registration(PLATE, 2013), serial=2)
        + say(words.AUTHENTICATE, write_code("guess", 2013), serial=3)
        + report(1, serial=4)
        + say(words.AUTHENTICATE, write_code("secret-1", 2013), serial=5)
        + report(2, serial=6),
    )
    assert (reason(early), answers(early)) == ("bad_credentials", [(words.PLATFORM_ANSWER, 1, 1)])
    assert answers(registered) == [(words.REGISTER_ANSWER, 2, 0)] and b"secret-1" in (registered.answer or b"")
    assert (reason(wrong), answers(wrong)) == ("bad_credentials", [(words.PLATFORM_ANSWER, 3, 1)])
    assert reason(still) == "bad_credentials"
    assert answers(shown) == [(words.PLATFORM_ANSWER, 5, 0)]
    assert len(positions(late)) == 1
    assert b"secret" not in repr((wrong, STRICT, TerminalKey("secret-1"))).encode()


def test_who_is_not_whom_it_says_is_not_registered() -> None:
    plate = say(words.REGISTER, write_registration("津B00001", 2013))
    unknown = say(words.REGISTER, write_registration(PLATE, 2013), phone=OTHER)
    good = say(words.REGISTER, write_registration(PLATE, 2013))
    for terminals, host, data, result in (
        (Terminals(), "10.1.2.3", plate, 2),
        (Terminals(), "10.1.2.3", unknown, 4),
        (STRICT, "192.168.1.1", good, 4),
        (Terminals({PHONE: TerminalKey("c", registers=False)}), "10.1.2.3", good, 4),
    ):
        (job,) = heard(session(terminals, host), data)
        assert answers(job) == [(words.REGISTER_ANSWER, 1, result)]
        assert reason(job) == "bad_credentials"


def test_what_nobody_registered_or_nobody_can_read_is_a_dead_letter_and_told() -> None:
    mine = session()
    (job,) = heard(mine, report(0, phone=OTHER))
    assert (reason(job), answers(job)) == ("event_refused", [(words.PLATFORM_ANSWER, 1, 1)])
    (job,) = heard(mine, say(words.LOCATION, b"short"))
    assert (reason(job), answers(job)) == ("bad_frame", [(words.PLATFORM_ANSWER, 1, 2)])
    (job,) = heard(mine, say(0x0900, b"anything"))
    assert (job.verdict, answers(job)) == ("unsupported", [(words.PLATFORM_ANSWER, 1, 3)])
    broken = bytearray(report())
    broken[20] ^= 1
    (job,) = heard(mine, bytes(broken))
    assert (reason(job), job.answer) == ("bad_frame", None)
    assert job.records[0].value == bytes(broken[1:-1])
    for name, answered in ((words.HEARTBEAT, 1), (words.LOGOUT, 1), (words.TERMINAL_ANSWER, 0)):
        (job,) = heard(mine, say(name, b"\0" * 5))
        assert (job.verdict, len(answers(job))) == ("accepted", answered)


@given(st.lists(st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(framed)), max_size=8))
def test_no_bytes_break_a_session_or_make_it_grow(noise: list[bytes]) -> None:
    mine = session()
    jobs = heard(mine, b"".join(noise) + b"\x7e" + report())
    assert {job.verdict for job in jobs} <= set(VERDICTS)
    assert jobs[-1].positions == 1, "what is bad does not harm what comes after it"
    assert len(mine._parts) <= 4 * 64 and len(mine._shown) <= 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unlisted = 'maybe'", "unlisted"),
        ("[terminals.'1x']\nauth = 'a'", "phone numbers"),
        ("[terminals.'12']\nauth = ''", r"terminals\.12\.auth"),
        ("[terminals.'12']\nauth = 'a'\npeers = ['house']", r"terminals\.12\.peers"),
        ("[terminals.'12']\nauth = 'a'\npassword = 'x'", "password"),
        ("no toml", "TOML"),
    ],
)
def test_a_wrong_file_of_terminals_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "terminals.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"terminals\.toml: .*{said}"):
        load_terminals(path)
    path.write_text(f"unlisted = 'refuse'\n[terminals.'0{PHONE}']\nauth = 'a'", encoding="utf-8")
    assert load_terminals(path).shown(PHONE, "a") and load_terminals(path).must_show("5")
