"""A sequence that cannot be meant is refused with its place, what was required and what came."""

import re
import tomllib
from pathlib import Path

import pytest

from topics.domain_file import FOLDER, load_domain
from topics.errors import ConfigurationError

GOOD = """
[sequences.fans]
title = { zh = "风机", en = "fans" }
severity = "red"
within_s = 60
absent_s = 30
steps = [
  { title = { zh = "气", en = "gas" }, reading = "gas_lel", above = 25.0 },
  { title = { zh = "停", en = "off" }, reading = "ventilation", below = 0.5 },
]
absent = [{ title = { zh = "开", en = "on" }, reading = "ventilation", above = 0.5 }]
"""

#: What stands in the good one, what stands there instead, and what is said of it.
WRONG = (
    ('severity = "red"', 'severity = "crimson"', "sequences.fans.severity: expected one of"),
    ("within_s = 60", "within_s = 0", "sequences.fans.within_s: expected more than 0 for several steps, got 0"),
    ("within_s = 60", "within_s = -1", "sequences.fans.within_s: expected"),
    ('reading = "gas_lel"', 'reading = "gas"', r"sequences.fans.steps\[0\].reading: expected some of .* got 'gas'"),
    (", above = 25.0", "", r"sequences.fans.steps\[0\]: expected above or below for a reading, got neither"),
    ("reading = \"gas_lel\"", 'reading = "gas_lel", alarm = "closed"', r"steps\[0\]: expected exactly one of .* got"),
    ('above = 0.5 }]', 'above = 0.5, family = "limit" }]', r"absent\[0\]: expected family and quantity for findings"),
    ("absent = [{", "absent_ = [{", "sequences.fans.absent_: expected a key that packs have, got an unknown one"),
    ("[sequences.fans]", "[sequences.gas_lel]", "sequences.gas_lel: expected a name that no quantity, group or family"),
    ("[sequences.fans]", '[sequences.fans]\nby = "firm"', "sequences.fans.by: expected"),
    ("[sequences.fans]", '[sequences.fans]\nby = "quantity"', "expected findings alone where by"),
)  # fmt: skip


def pack(tmp_path: Path, sequences: str) -> Path:
    """The product's pack of safety with other sequences."""
    whole = (FOLDER / "safety.toml").read_text()
    assert "sequences" in tomllib.loads(whole)
    without = re.sub(r"(?ms)^\[sequences\..*?(?=^\[)", "", whole)
    path = tmp_path / "safety.toml"
    path.write_text(without + sequences)
    return path


def test_a_good_one_is_taken(tmp_path: Path) -> None:
    domain = load_domain(pack(tmp_path, GOOD))
    assert list(domain.sequences) == ["fans"] and domain.families[-1] == "sequence"
    assert domain.sequences["fans"].horizon_ms == 1000 * (60 + 30 + 2 * 60)


@pytest.mark.parametrize(("good", "bad", "said"), WRONG)
def test_a_wrong_one_is_refused_with_its_place(tmp_path: Path, good: str, bad: str, said: str) -> None:
    assert GOOD.count(good) == 1
    with pytest.raises(ConfigurationError, match=said):
        load_domain(pack(tmp_path, GOOD.replace(good, bad)))
