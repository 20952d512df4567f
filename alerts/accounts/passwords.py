"""Passwords: what is accepted as one (after NIST SP 800-63B) and how it is kept (argon2id).

Length counts, not character classes; what everybody uses and what names the account is refused; nothing expires.
Answers take as long for an account that does not exist as for one that does.
"""

import unicodedata
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from alerts.accounts.refusal import Refused
from topics.finding import Text

#: In characters after NFKC.
SHORTEST, LONGEST = 12, 128
#: Hashing takes 64 MiB each: a flood of sign-ins must not take the machine from the alarms.
AT_ONCE = 2

COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split())
#: Words that everybody who knows the system would try first.
HOUSE_WORDS = ("citybrain", "城市大脑")


class Passwords:
    """Hashes and checks. The default parameters are RFC 9106's second choice (64 MiB, 3 passes)."""

    def __init__(self, *, passes: int = 3, memory_kib: int = 65_536, lanes: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._slots = BoundedSemaphore(AT_ONCE)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """What is kept of a password, salted anew each time; as many threads as there are slots hash at once, others
        wait.
        """
        with self._slots:
            return self._hasher.hash(normal(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether ``password`` is the one kept; for ``None`` false, after the same work."""
        with self._slots:
            try:
                right = self._hasher.verify(kept or self._nobody, normal(password)[:LONGEST])
            except (VerificationError, InvalidHashError):
                return False
        return right and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether it was hashed with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


def normal(password: str) -> str:
    """As it is counted and hashed, so that two keyboards give the same."""
    return unicodedata.normalize("NFKC", password)


def require_good(password: str, name: str) -> None:
    """Raises ``Refused`` (422) with the rule that ``password`` breaks for the account ``name``."""
    text = normal(password)
    folded = text.casefold()
    if not SHORTEST <= len(text) <= LONGEST:
        raise _bad(
            f"密码应为 {SHORTEST} 至 {LONGEST} 个字符，现为 {len(text)} 个",
            f"a password has {SHORTEST} to {LONGEST} characters, this has {len(text)}",
        )
    if folded in COMMON or len(set(folded)) < 5 or _is_run(folded):
        raise _bad("密码太常见，容易被猜到", "this password is one of those everybody tries first")
    if any(word in folded for word in (name.casefold(), *HOUSE_WORDS) if len(word) > 3):
        raise _bad("密码不能包含用户名或系统名称", "a password does not hold the account's or the system's name")


def _is_run(text: str) -> bool:
    """Characters that follow each other all the way, up or down."""
    return len({ord(after) - ord(before) for before, after in pairwise(text)}) == 1


def _bad(zh: str, en: str) -> Refused:
    return Refused(422, Text(zh, en), "weak-password")
