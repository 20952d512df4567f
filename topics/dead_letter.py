"""Dead letters: messages that did not fit, kept byte for byte with the reason in their headers."""

from collections.abc import Iterable

import msgspec

from topics.finding import Text

TOPIC = "dead-letters"

#: The header that a message played again carries: ``<partition>:<offset>`` of its dead letter.
REPLAYED_HEADER = "replayed-from"

#: Where a frame of a gateway is said to come from: not a topic, so it cannot be played again.
GATEWAY_MARK = "gateway/"

#: Every reason there is, and what it says to a person.
REASONS: dict[str, Text] = {
    "malformed_json": Text("不是合法的 JSON", "not valid JSON"),
    "schema_mismatch": Text("字段不符合该主题的结构", "does not fit the topic's schema"),
    "wrong_partition": Text("分区与键不符", "in a partition that is not its key's"),
    "unknown_quantity": Text("领域包中没有该监测量", "a quantity the domain pack does not have"),
    "time_ahead": Text("时间超前于城市时间", "its time is ahead of the city's"),
    "detector_failed": Text("检测器出错", "a detector failed on it"),
    "bad_frame": Text("报文帧有误", "a bad protocol frame"),
    "bad_credentials": Text("设备身份不符", "a device whose credentials are wrong"),
    "event_refused": Text("事件被拒绝", "an event that was refused"),
}


class DeadLetter(msgspec.Struct, frozen=True):
    """The origin of a message that did not fit and why; key and value stay the original ones beside it.

    ``topic`` is the original topic, or ``gateway/<name>`` for a frame that never reached one (then
    ``partition`` and ``offset`` are -1). ``by`` is the part that refused it, ``time`` the wall time (ms UTC).
    """

    topic: str
    partition: int
    offset: int
    reason: str
    detail: str
    by: str
    time: int

    def __post_init__(self) -> None:
        if self.reason not in REASONS:
            raise ValueError(f"dead letter: reason: expected one of {sorted(REASONS)}, got {self.reason!r}")

    @property
    def replayable(self) -> bool:
        """Whether it came from a topic, so that it can be put back there."""
        return not self.topic.startswith(GATEWAY_MARK)


def to_headers(letter: DeadLetter) -> list[tuple[str, bytes]]:
    """The record headers of a dead letter, all UTF-8 text."""
    return [(name, str(value).encode()) for name, value in msgspec.structs.asdict(letter).items()]


def from_headers(headers: Iterable[tuple[str, bytes | None]]) -> DeadLetter:
    """Read them back; other headers are left alone.

    Raises ``ValueError`` naming the header that is missing or wrong.
    """
    texts = {name: (value or b"").decode("utf-8", "replace") for name, value in headers}
    try:
        return msgspec.convert(texts, DeadLetter, strict=False)
    except msgspec.ValidationError as wrong:
        raise ValueError(f"dead letter headers: {wrong}") from wrong
