"""Sources of many rows of one standard, said once: number and title, how many rows, how many unconfirmed. Pure."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from topics.finding import Text
from topics.sources import source_text

#: A numbered standard with its year, at the beginning of a source; and the title that its Chinese gives it.
STANDARD = re.compile(r"[A-Z]{2,3}(?:\d\d)?(?:/T)? ?\d+(?:\.\d+)*-\d{4}(?!\d)")
TITLE = re.compile(r"《[^》]*》")


class RowSource(msgspec.Struct, frozen=True):
    """Where one row is from, and whether that was confirmed."""

    source: str
    confirmed: bool


def standards_once(rows: Iterable[RowSource]) -> Iterator[Text]:
    """The sources in words. Rows that name clauses of one standard, each its own, are one; other sources stand alone,
    each once.
    """
    of_standard: dict[str, list[RowSource]] = {}
    for each in rows:
        number = STANDARD.match(each.source)
        of_standard.setdefault(number[0] if number else each.source, []).append(each)
    for standard, sources in of_standard.items():
        if len({each.source for each in sources}) == 1:
            yield source_text(sources[0].source)
        else:
            yield _of_many(standard, sources)


def _of_many(standard: str, sources: list[RowSource]) -> Text:
    title = TITLE.match(source_text(sources[0].source).zh.removeprefix(standard))
    count, doubtful = len(sources), sum(not each.confirmed for each in sources)
    zh, en = f"{count} 项", f"{count} entries"
    if doubtful:
        zh, en = f"{zh}，其中 {doubtful} 项未经核实", f"{en}, {doubtful} of them not confirmed"
    return Text(f"{standard}{title[0] if title else ''}（{zh}）", f"{standard} ({en})")
