"""Which sources are published documents, told apart from practice and from numbers of our own. Pure."""

import re
from collections.abc import Iterable

from topics.finding import Text

#: A year; not a number of something.
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d| ?%| (?:kg|t|m|s|h|ms)\b)")


def is_published(source: Text) -> bool:
    """Whether a source names a document by its title or its year, as standards, orders and guides are named."""
    return "《" in source.zh or YEAR.search(source.en) is not None


def parted(sources: Iterable[Text]) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """``(published, own)``, each once and in the order of their English."""
    once = [Text(zh, en) for en, zh in sorted({each.en: each.zh for each in sources}.items())]
    return tuple(filter(is_published, once)), tuple(each for each in once if not is_published(each))
