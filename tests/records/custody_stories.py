"""Random custody for property tests: what is packed, observed, taken out, emptied and made, at a few moments."""

from collections.abc import Callable

import msgspec
from hypothesis import strategies as st

from records.custody import Facts, facts
from topics.events import Custody

NAMES = "abcde"
LAST = 9

#: What one event says: a kind and its fields, as ``told`` takes them.
Word = tuple[object, ...]

name = st.sampled_from(NAMES)
names = st.lists(name, min_size=1, max_size=3, unique=True)
moment = st.integers(1, LAST)
word: st.SearchStrategy[Word] = st.one_of(
    st.tuples(
        st.just("link"),
        moment,
        name,
        st.lists(name, max_size=3, unique=True),
        st.sampled_from(["ADD", "ADD", "DELETE", "OBSERVE"]),
    ),
    st.tuples(st.just("link"), moment, name, st.just([]), st.just("DELETE")),
    st.tuples(st.just("made"), moment, names, names, st.sampled_from(["", "", "x", "y"])),
)


def linked(number: int, time: int, parent: str, children: list[str], action: str) -> Custody:
    return event(number, "AggregationEvent", time, parentID=parent, childEPCs=children, action=action)


def made(number: int, time: int, inputs: list[str], outputs: list[str], process: str = "") -> Custody:
    joined = {"transformationID": process} if process else {}
    return event(number, "TransformationEvent", time, inputEPCList=inputs, outputEPCList=outputs, **joined)


def event(number: int, kind: str, time: int, **fields: object) -> Custody:
    return Custody(f"e{number}", "site", time, {"type": kind, **fields})


def wording(name: str, number: int) -> str:
    """One of three ways in which firms write the name of the lot ``name``: an EPC URI, and links of two domains."""
    link = f"06900000008881/10/{name}"
    return (
        f"urn:epc:class:lgtin:6900000.000888.{name}",
        f"https://id.gs1.org/01/{link}",
        f"https://shop.cn/gtin/{link}",
    )[number]


def worded(event: Custody, pick: Callable[[], int]) -> Custody:
    """The event with each thing in a wording that ``pick`` (0 to 2) gives at each mention."""
    said: dict[str, object] = {}
    for key, value in event.epcis.items():
        said[key] = [wording(each, pick()) for each in value] if isinstance(value, list) else value
    if "parentID" in said:
        said["parentID"] = wording(event.epcis["parentID"], pick())
    return msgspec.structs.replace(event, epcis=said)


def declared_wrong(wrong: Custody) -> Custody:
    """The declaration that an event was wrong."""
    return Custody(f"{wrong.id}#error/x", wrong.site, wrong.time, wrong.epcis | {"errorDeclaration": {}})


def events_of(words: list[Word]) -> list[Custody]:
    make = {"link": linked, "made": made}
    return [make[str(each[0])](number, *each[1:]) for number, each in enumerate(words)]  # type: ignore[operator]


def read(words: list[Word]) -> list[Facts]:
    return [facts(each) for each in events_of(words)]
