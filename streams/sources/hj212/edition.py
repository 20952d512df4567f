"""Which edition of HJ 212 a message follows, by the best evidence there is.

The version bits of Flag alone will not do: a device of 2021 sent those of 2025. In this order:

1. What only 2025 has (RF, its commands, ST 44 and 45): 2025.
2. The version bits of 2025 are believed of messages dated 2024 or later (the edition's own examples are
   dated 2024-06-01, its draft is no older); before that there was no such edition, and it is 2017.
3. Neither QN nor Flag: 2005, which made both optional.
4. The version bits of 2017: 2017.
5. The version bits of 2005, or no Flag: 2017 where a factor has a code of 2017, else 2005.
"""

import re
from typing import Literal

from streams.sources.hj212.segment import Segment

Edition = Literal["2005", "2017", "2025"]

_COMMANDS_2025 = frozenset({"1001", "1002", "1014", "2013", "2052", "2062", "2111", "3022", "3024", "9015"})
_SYSTEMS_2025 = frozenset({"44", "45"})
_FIRST_YEAR_2025 = "2024"
_CODE_2017 = re.compile(r"[a-z][0-9]{5}", re.IGNORECASE)


def edition_of(segment: Segment) -> Edition:
    """The edition that the message most likely follows; see the top of the file for the rules."""
    if segment.backfill or segment.cn in _COMMANDS_2025 or segment.st in _SYSTEMS_2025:
        return "2025"
    version = segment.version
    if version is not None and version >= 2:
        dated = (segment.qn or segment.cp.get("datatime", ""))[:4]
        return "2025" if version == 2 and dated >= _FIRST_YEAR_2025 else "2017"
    if version is None and not segment.qn:
        return "2005"
    if version == 1:
        return "2017"
    return "2017" if any(_CODE_2017.fullmatch(group.code) for group in segment.groups) else "2005"
