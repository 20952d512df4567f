"""EDIFACT's syntax (ISO 9735, versions 1 to 3): an interchange as segments, each with its number and position. Pure.

Strict: what is not as the standard says is refused, with the segment and the position (characters from 1) of it.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from topics.finding import Text

#: Service characters where no UNA gives others: component, element, decimal mark, release, reserved, terminator.
USUAL = ":+.? '"
TAG = re.compile(r"^[A-Z]{3}$")
#: Larger interchanges are cut by their senders; this is some thousand boxes.
LONGEST = 4_000_000


class EdifactError(ValueError):
    """What is wrong with an interchange: in which segment (number from 1 and tag) and at which character (from 1).

    ``text`` is the sentence in both languages.
    """

    def __init__(self, number: int, tag: str, at: int, zh: str, en: str) -> None:
        self.text = Text(
            f"第 {number} 段 {tag or '?'}（第 {at} 个字符）：{zh}",
            f"segment {number} {tag or '?'} at character {at}: {en}",
        )
        super().__init__(self.text.en)
        self.number = number
        self.tag = tag
        self.at = at


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

    def error(self, zh: str, en: str) -> EdifactError:
        """An error that names this segment, for the caller to raise; what is wrong in both languages."""
        return EdifactError(self.number, self.tag, self.at, zh, en)


class Interchange(msgspec.Struct, frozen=True):
    """Its messages, each from UNH to UNT, and the mark that stands before decimals."""

    messages: tuple[tuple[Segment, ...], ...]
    decimal: str


def read_interchange(text: str) -> Interchange:
    """An interchange with its counts checked. Raises ``EdifactError``."""
    if len(text) > LONGEST:
        raise EdifactError(
            1,
            "",
            LONGEST,
            f"至多 {LONGEST} 个字符，实为 {len(text)}",
            f"expected at most {LONGEST} characters, got {len(text)}",
        )
    marks, start = _service(text)
    found = list(_segments(text, marks, start))
    if not found:
        raise EdifactError(1, "", 1, "须为一份交换报文，实为空", "expected an interchange, got nothing")
    return Interchange(tuple(_messages(found)), marks[2])


def _service(text: str) -> tuple[str, int]:
    start = len(text) - len(text.lstrip())
    if text[start : start + 3] != "UNA":
        return USUAL, start
    marks = text[start + 3 : start + 9]
    if len(marks) < 6 or len({marks[0], marks[1], marks[3], marks[5]}) < 4 or marks[2] not in ".,":
        raise EdifactError(
            1,
            "UNA",
            start + 1,
            f"须有六个互不相同的服务字符，实为 {marks!r}",
            f"expected six service characters that can be told apart, got {marks!r}",
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
                    number,
                    elements[0][0],
                    at + 1,
                    "释放字符之后须有一个字符，实已结束",
                    "expected a character after the release mark, got the end",
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
            number,
            elements[0][0][:3],
            begun + 1,
            f"须以段终止符 {terminator!r} 结束，实已结束",
            f"expected the terminator {terminator!r}, got the end",
        )


def _segment(number: int, at: int, elements: Sequence[Sequence[str]]) -> Segment:
    tag = elements[0][0]
    if not TAG.match(tag) or len(elements[0]) > 1:
        raise EdifactError(
            number,
            tag[:3],
            at,
            f"段标记须为三个大写字母，实为 {tag[:20]!r}",
            f"expected a tag of three capital letters, got {tag[:20]!r}",
        )
    return Segment(number, at, tag, tuple(tuple(each) for each in elements[1:]))


def _messages(segments: Sequence[Segment]) -> Iterator[tuple[Segment, ...]]:
    """Cut at UNH and UNT; UNB and UNZ frame them where they are there at all."""
    first, last = segments[0], segments[-1]
    framed = first.tag == "UNB"
    if framed:
        if last.tag != "UNZ":
            raise last.error(
                "以 UNB 开始的交换须以 UNZ 结束", "expected UNZ at the end of an interchange that begins with UNB"
            )
        segments = segments[1:-1]
    count, open_at = 0, -1
    for place, segment in enumerate(segments):
        if segment.tag == "UNH":
            if open_at >= 0:
                raise segment.error("下一报文之前须有 UNT", "expected UNT before the next message")
            open_at = place
        elif open_at < 0:
            raise segment.error("须为 UNH", "expected UNH")
        elif segment.tag == "UNT":
            _check_trailer(segments[open_at], segment, place - open_at + 1)
            yield tuple(segments[open_at : place + 1])
            count, open_at = count + 1, -1
    if open_at >= 0:
        raise segments[-1].error("报文末尾须有 UNT", "expected UNT at the end of the message")
    if framed and (last.get(1) != str(count) or last.get(2) != first.get(5)):
        raise last.error(
            f"须为 {first.get(5)!r} 的 {count} 份报文，实为 {last.get(2)!r} 的 {last.get(1)!r} 份",
            f"expected {count} messages of {first.get(5)!r}, got {last.get(1)!r} of {last.get(2)!r}",
        )


def _check_trailer(header: Segment, trailer: Segment, count: int) -> None:
    if not trailer.get(1).isdecimal() or int(trailer.get(1)) != count:
        raise trailer.error(
            f"段数须为 {count}，实为 {trailer.get(1)!r}",
            f"expected a count of {count} segments, got {trailer.get(1)!r}",
        )
    if trailer.get(2) != header.get(1):
        raise trailer.error(
            f"参考号须与 UNH 的 {header.get(1)!r} 一致，实为 {trailer.get(2)!r}",
            f"expected the reference {header.get(1)!r} of UNH, got {trailer.get(2)!r}",
        )
