"""EDIFACT's syntax (ISO 9735, versions 1 to 3): an interchange as segments, each with its number and position. Pure.

Strict: what is not as the standard says is refused, with the segment and the position (characters from 1) of it.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

#: Service characters where no UNA gives others: component, element, decimal mark, release, reserved, terminator.
USUAL = ":+.? '"
TAG = re.compile(r"^[A-Z]{3}$")
#: Larger interchanges are cut by their senders; this is some thousand boxes.
LONGEST = 4_000_000


class EdifactError(ValueError):
    """What is wrong with an interchange: in which segment (number from 1 and tag) and at which character (from 1)."""

    def __init__(self, number: int, tag: str, at: int, what: str) -> None:
        super().__init__(f"segment {number} {tag or '?'} at character {at}: {what}")
        self.number = number
        self.tag = tag
        self.at = at
        self.what = what


class Segment(msgspec.Struct, frozen=True):
    """``elements`` are lists of components; what is left out reads as empty."""

    number: int
    at: int
    tag: str
    elements: tuple[tuple[str, ...], ...]

    def get(self, element: int, component: int = 1) -> str:
        """A component by its place in the standard's table, both counted from 1; "" where it is left out."""
        if len(self.elements) < element or len(self.elements[element - 1]) < component:
            return ""
        return self.elements[element - 1][component - 1].strip()

    def error(self, what: str) -> EdifactError:
        """An error that names this segment, for the caller to raise."""
        return EdifactError(self.number, self.tag, self.at, what)


class Interchange(msgspec.Struct, frozen=True):
    """Its messages, each from UNH to UNT, and the mark that stands before decimals."""

    messages: tuple[tuple[Segment, ...], ...]
    decimal: str


def read_interchange(text: str) -> Interchange:
    """An interchange with its counts checked. Raises ``EdifactError``."""
    if len(text) > LONGEST:
        raise EdifactError(1, "", LONGEST, f"expected at most {LONGEST} characters, got {len(text)}")
    marks, start = _service(text)
    found = list(_segments(text, marks, start))
    if not found:
        raise EdifactError(1, "", 1, "expected an interchange, got nothing")
    return Interchange(tuple(_messages(found)), marks[2])


def _service(text: str) -> tuple[str, int]:
    start = len(text) - len(text.lstrip())
    if text[start : start + 3] != "UNA":
        return USUAL, start
    marks = text[start + 3 : start + 9]
    if len(marks) < 6 or len({marks[0], marks[1], marks[3], marks[5]}) < 4 or marks[2] not in ".,":
        raise EdifactError(
            1, "UNA", start + 1, f"expected six service characters that can be told apart, got {marks!r}"
        )
    return marks, start + 9


def _segments(text: str, marks: str, start: int) -> Iterator[Segment]:
    component, element, release, terminator = marks[0], marks[1], marks[3], marks[5]
    elements: list[list[str]] = [[""]]
    number, begun, at = 1, -1, start
    while at < len(text):
        mark = text[at]
        if begun < 0:
            if mark.isspace():
                at += 1
                continue
            begun = at
        if mark == release and release != " ":
            if at + 1 >= len(text):
                raise EdifactError(
                    number, elements[0][0], at + 1, "expected a character after the release mark, got the end"
                )
            elements[-1][-1] += text[at + 1]
            at += 2
            continue
        if mark == component:
            elements[-1].append("")
        elif mark == element:
            elements.append([""])
        elif mark == terminator:
            yield _segment(number, begun + 1, elements)
            elements, begun, number = [[""]], -1, number + 1
        elif mark not in "\r\n":
            elements[-1][-1] += mark
        at += 1
    if begun >= 0:
        raise EdifactError(
            number, elements[0][0][:3], begun + 1, f"expected the terminator {terminator!r}, got the end"
        )


def _segment(number: int, at: int, elements: Sequence[Sequence[str]]) -> Segment:
    tag = elements[0][0]
    if not TAG.match(tag) or len(elements[0]) > 1:
        raise EdifactError(number, tag[:3], at, f"expected a tag of three capital letters, got {tag[:20]!r}")
    return Segment(number, at, tag, tuple(tuple(each) for each in elements[1:]))


def _messages(segments: Sequence[Segment]) -> Iterator[tuple[Segment, ...]]:
    """Cut at UNH and UNT; UNB and UNZ frame them where they are there at all."""
    first, last = segments[0], segments[-1]
    framed = first.tag == "UNB"
    if framed:
        if last.tag != "UNZ":
            raise last.error("expected UNZ at the end of an interchange that begins with UNB")
        segments = segments[1:-1]
    count, open_at = 0, -1
    for place, segment in enumerate(segments):
        if segment.tag == "UNH":
            if open_at >= 0:
                raise segment.error("expected UNT before the next message")
            open_at = place
        elif open_at < 0:
            raise segment.error("expected UNH")
        elif segment.tag == "UNT":
            _check_trailer(segments[open_at], segment, place - open_at + 1)
            yield tuple(segments[open_at : place + 1])
            count, open_at = count + 1, -1
    if open_at >= 0:
        raise segments[-1].error("expected UNT at the end of the message")
    if framed and (last.get(1) != str(count) or last.get(2) != first.get(5)):
        raise last.error(f"expected {count} messages of {first.get(5)!r}, got {last.get(1)!r} of {last.get(2)!r}")


def _check_trailer(header: Segment, trailer: Segment, count: int) -> None:
    if not trailer.get(1).isdecimal() or int(trailer.get(1)) != count:
        raise trailer.error(f"expected a count of {count} segments, got {trailer.get(1)!r}")
    if trailer.get(2) != header.get(1):
        raise trailer.error(f"expected the reference {header.get(1)!r} of UNH, got {trailer.get(2)!r}")
