"""The frames behind a finding or a judgement, as they came from the devices. Pure but for the history that is asked."""

import base64
from collections.abc import Iterable, Sequence

import msgspec

from alerts.evidence.sealed import Lack
from alerts.evidence.tables import clock
from records.history import History
from topics.finding import Text
from topics.raw_frame import RawFrame

#: Of one device, so that a pack stays a file that can be sent: two days of minutes, and every half-minute of a day.
MOST = 8_000

PART = "raw_frames.jsonl"


def frames_of(history: History, devices: Iterable[str], span: tuple[int, int]) -> tuple[dict[str, bytes], list[Lack]]:
    """The part of a pack that holds all frames of these devices about ``span`` (ms UTC), and what is lacking of it."""
    found: list[RawFrame] = []
    lacks: list[Lack] = []
    for device in sorted(set(devices)):
        frames = history.frames(device, *span, MOST + 1)
        if not frames:
            zh, en = (
                f"历史库中没有设备 {device} 该时段的报文原文",
                f"the history has no raw frame of {device} of that time",
            )
            lacks.append(Lack("raw_frames", Text(zh, en)))
        elif len(frames) > MOST:
            zh, en = f"设备 {device}：仅前 {MOST} 条报文", f"{device}: the first {MOST} frames only"
            lacks.append(Lack("raw_frames", Text(zh, en)))
        found += frames[:MOST]
    return ({PART: _lines(found)} if found else {}), lacks


def _lines(frames: Sequence[RawFrame]) -> bytes:
    """One JSON object a line. A frame that is not plain ASCII stands as base64, so that its check sum can be reckoned
    from the very bytes either way."""
    lines = []
    for each in frames:
        plain = each.frame.isascii()
        line = {
            "device": each.device,
            "of": clock(each.time),
            "received": clock(each.received),
            "peer": each.peer,
            "frame" if plain else "base64": (each.frame if plain else base64.b64encode(each.frame)).decode(),
        }
        lines.append(msgspec.json.encode(line))
    return b"\n".join(lines) + b"\n"
