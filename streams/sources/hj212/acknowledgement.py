"""What a gateway answers: 9014 to data, 9013 to notifications, nothing to answers and to what asks for none.

9011 and 9012 are a device's answers to requests and are never sent by a gateway; nor is a request answered
that a platform sends (a 2061 with BeginTime): the gateway is no device. The answer repeats
QN, PW and MN of what it answers, with ST=91 and the device's own version in Flag (bits 0 and 1 zero).
"""

from streams.sources.hj212.client import build_frame, build_segment
from streams.sources.hj212.segment import Segment

DATA_ACK = "9014"
NOTIFICATION_ACK = "9013"

#: Flag of an answer: the version bits of 2017, or those of a later edition if the device sends them.
_FLAG_2017 = 4


def answer_to(segment: Segment) -> bytes | None:
    """The frame that acknowledges a message whose content has been kept, ``None`` where none is due."""
    command = None if segment.asks and segment.cn[0] == "2" else _answer_command(segment.cn)
    if command is None or not segment.ack_wanted or segment.flag is None:
        return None
    flag = max(_FLAG_2017, segment.flag & ~3)
    return build_frame(
        build_segment(qn=segment.qn, st="91", cn=command, pw=segment.pw, mn=segment.mn, flag=flag, cp="")
    )


def _answer_command(cn: str) -> str | None:
    """Uploads (2xxx, 3xxx) are data, what a device says of itself (1xxx) is a notification, 9xxx are answers."""
    if cn[0] in "23":
        return DATA_ACK
    return NOTIFICATION_ACK if cn[0] == "1" else None
