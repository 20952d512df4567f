"""Ordinary names held against the names of dangerous goods: trade names, slips of the pen, either language. Pure.

A name of several words is found where all its words stand together in the other one, in any order; one of a single
word (or of two Chinese characters) only where nothing but indifferent words stands beside it: sodium chloride is no
sodium. Nothing is found in what is free of the goods, made for them, or another compound.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from topics.goods_names import Reading

#: Prefixes that are written apart as often as not.
_PREFIX = re.compile(r"\b(di|tri|tetra|mono|iso|nitro|chloro|per)[\s-]+(?=[a-z])")
_PARTS = re.compile(r"[,;/()\[\]、，；（）]")
_WORDS = re.compile(r"[a-z]+|[\u4e00-\u9fff]+")
#: Spellings that differ between countries and mean the same.
_SPELLINGS = (
    ("sulph", "sulf"),
    ("aluminium", "aluminum"),
    ("peroxyde", "peroxide"),
    ("fertiliser", "fertilizer"),
    ("natrium", "sodium"),
    ("kalium", "potassium"),
)
#: What follows these in a proper shipping name describes, and is left out of the name.
_DESCRIBES = re.compile(r",|\(|（| with | not more | containing |含")
#: A short Chinese name is a part of too many others to be looked for inside them.
SHORT = 2


@dataclass(frozen=True, slots=True)
class Match:
    """The dangerous goods a name means, and which of their names was found."""

    un: str
    name: str


class NameMatcher:
    """``names`` by UN number in either language."""

    def __init__(self, names: Mapping[str, Iterable[str]], reading: Reading) -> None:
        self._indifferent = frozenset(reading.indifferent)
        chinese = [word for word in reading.indifferent if not word.isascii()]
        self._at_ends = sorted(chinese, key=lambda word: (-len(word), word))
        self._ends = frozenset(reading.ends)
        self._denials = frozenset(reading.denials)
        self._before, self._after = tuple(reading.denials_before), tuple(reading.denials_after)
        self._right = frozenset(_plain(each) for each in reading.right)
        self._english: dict[tuple[str, ...], Match] = {}
        self._chinese: dict[str, Match] = {}
        for un, each in sorted(names.items()):
            for name in each:
                self._add(un, name)
        for name, match in list(self._chinese.items()):
            bare = self._stripped(name)
            if len(bare) > SHORT:  # the list's "aqueous solution" is no part of what it is
                self._chinese.setdefault(bare, Match(match.un, bare))
        self._by_word: dict[str, list[tuple[str, ...]]] = {}
        for words in self._english:
            self._by_word.setdefault(words[0], []).append(words)
        self._vocabulary = frozenset(word for words in self._english for word in words)
        # The longer names first: what is most particular says most.
        self._long = sorted((each for each in self._chinese if len(each) > SHORT), key=lambda each: (-len(each), each))
        self._near = lru_cache(maxsize=20_000)(self._near_words)

    def match(self, name: str) -> Match | None:
        """What a name of the trade means; ``None`` where it means no dangerous goods that are known."""
        parts = [_WORDS.findall(part) for part in _PARTS.split(_plain(name))]
        chinese = [word for part in parts for word in part if not word.isascii()]
        return self._match_chinese(chinese) or self._match_english([[w for w in part if w.isascii()] for part in parts])

    def _add(self, un: str, name: str) -> None:
        found = _WORDS.findall(_DESCRIBES.split(_plain(name))[0])
        chinese = "".join(word for word in found if not word.isascii())
        english = tuple(word for word in found if word.isascii())
        if chinese:
            self._chinese.setdefault(chinese, Match(un, chinese))
        elif english:
            self._english.setdefault(english, Match(un, " ".join(english)))

    def _match_english(self, parts: Sequence[Sequence[str]]) -> Match | None:
        words = [word for part in parts for word in part]
        denials = self._denials.intersection(words)
        every = frozenset(meant for word in words for meant in self._near(word))
        found = [
            known
            for word in every
            for known in self._by_word.get(word, ())
            if every.issuperset(known)
            and denials.issubset(known)
            and (self._together(words, known) if len(known) > 1 else self._alone(parts, known[0]))
        ]
        if not found:
            return None
        return self._english[max(found, key=lambda known: (len(known), known))]

    def _alone(self, parts: Sequence[Sequence[str]], name: str) -> bool:
        """Whether a part of the name, between commas or brackets, is this word with none but indifferent ones."""
        heads = [list(takewhile(lambda word: word not in self._ends, part)) for part in parts]
        return any(
            all(word in self._indifferent or name in self._near(word) for word in head)
            and any(name in self._near(word) for word in head)
            for head in heads
        )

    def _together(self, words: Sequence[str], name: Sequence[str]) -> bool:
        """Whether all words of a name stand in a row, with none but indifferent ones among them."""
        for start in range(len(words)):
            wanted = set(name)
            for word in words[start:]:
                said = wanted.intersection(self._near(word))
                wanted -= said
                if not wanted:
                    return True
                if not said and word not in self._indifferent:
                    break
        return False

    def _near_words(self, word: str) -> Collection[str]:
        """The words of known names that this one can mean: itself, or where it is no word of its own one that is a
        slip of the pen away (one letter from five on, two from nine on)."""
        if word in self._vocabulary or word in self._right or word in self._indifferent or len(word) < 5:
            return (word,)
        slips = 2 if len(word) >= 9 else 1
        return tuple(
            known
            for known in self._vocabulary
            if len(known) >= 5 and abs(len(known) - len(word)) <= slips and distance(word, known, slips) <= slips
        ) or (word,)

    def _match_chinese(self, words: Sequence[str]) -> Match | None:
        for run in words:
            bare = self._bare(run)
            if bare in self._chinese:
                return self._chinese[bare]
            for name in self._long:
                at = run.find(name)
                if at >= 0 and not self._denied(run[:at], run[at + len(name) :]):
                    return self._chinese[name]
        return None

    def _denied(self, before: str, after: str) -> bool:
        return before.endswith(self._before) or before.startswith(("不含", "无")) or after.startswith(self._after)

    def _bare(self, run: str) -> str:
        """A run of characters without the indifferent words at its ends."""
        while run not in self._chinese and (less := self._stripped(run)) != run:
            run = less
        return run

    def _stripped(self, run: str) -> str:
        word = next((each for each in self._at_ends if run.endswith(each) or run.startswith(each)), "")
        if not word or len(word) >= len(run):
            return run
        return run.removesuffix(word) if run.endswith(word) else run.removeprefix(word)


def distance(one: str, other: str, most: int) -> int:
    """Letters to change, leave out, put in, or exchange with their neighbour (optimal string alignment); beyond
    ``most`` it may be any number above it."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, theirs in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != theirs))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == theirs:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).lower()
    for written, meant in _SPELLINGS:
        text = text.replace(written, meant)
    return _PREFIX.sub(r"\1", text)
