"""The edition by best evidence, not by the version bits alone."""

import pytest

from streams.sources.hj212.edition import edition_of
from streams.sources.hj212.segment import parse_segment
from tests.streams.sources.hj212.vectors import GOOD

QN = "QN=20260801085857223;"


@pytest.mark.parametrize("name", GOOD)
def test_printed_frames(name: str) -> None:
    frame, _, edition = GOOD[name]
    assert edition_of(parse_segment(frame[6:-4])) == edition


@pytest.mark.parametrize(
    ("text", "edition"),
    [
        (QN + "ST=32;CN=2011;MN=M1;Flag=9;CP=&&DataTime=20260801085857;w01018-Rtd=1&&", "2025"),
        ("QN=20210801085857223;ST=32;CN=2011;MN=M1;Flag=5;RF=1;CP=&&DataTime=20210801085857&&", "2025"),
        (QN + "ST=32;CN=9015;MN=M1;Flag=4;CP=&&&&", "2025"),
        (QN + "ST=44;CN=2011;MN=M1;Flag=5;CP=&&&&", "2025"),
        ("ST=32;CN=2011;MN=M1;CP=&&DataTime=20260801085857;w01018-Rtd=1&&", "2005"),
        (QN + "ST=32;CN=2011;MN=M1;Flag=1;CP=&&DataTime=20260801085857;011-Rtd=1&&", "2005"),
        (QN + "ST=32;CN=2011;MN=M1;Flag=1;CP=&&DataTime=20260801085857;w01018-Rtd=1&&", "2017"),
        (QN + "ST=32;CN=2011;MN=M1;Flag=5;CP=&&DataTime=20260801085857;011-Rtd=1&&", "2017"),
        (QN + "ST=32;CN=2011;MN=M1;CP=&&DataTime=20260801085857;w01018-Rtd=1&&", "2017"),
        (QN + "ST=32;CN=2011;MN=M1;Flag=13;CP=&&&&", "2017"),
    ],
)
def test_the_rules(text: str, edition: str) -> None:
    assert edition_of(parse_segment(text.encode())) == edition
