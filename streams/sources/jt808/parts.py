"""Messages that came in several parts, put together; bounded in number, size and age. Pure."""

from collections import OrderedDict

import msgspec

from streams.sources.jt808.message import Message

#: Messages of one line that may be unfinished, and parts that one may have; what is beyond is forgotten or refused.
MOST_OPEN = 4
MOST_PARTS = 64


class Parts:
    """The unfinished messages of one line."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[str, int, int, int], dict[int, Message]] = OrderedDict()

    def put(self, message: Message) -> tuple[Message, list[Message]] | None:
        """The whole message and its parts in order once it is complete. Raises ``ValueError`` for too many parts.

        Parts of one message have serial numbers that follow each other, so they agree on what that of the first was.
        """
        if message.parts > MOST_PARTS:
            raise ValueError(f"parts: expected at most {MOST_PARTS}, got {message.parts}")
        key = message.phone, message.id, message.parts, (message.serial - message.part + 1) & 0xFFFF
        kept = self._open.setdefault(key, {})
        kept[message.part] = message
        if len(kept) == message.parts:
            del self._open[key]
            parts = [kept[number] for number in sorted(kept)]
            whole = b"".join(each.body for each in parts)
            return msgspec.structs.replace(message, body=whole, parts=0, part=0), parts
        if len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)
        return None

    def __len__(self) -> int:
        return sum(len(each) for each in self._open.values())
