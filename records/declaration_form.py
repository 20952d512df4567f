"""What a firm fills in to declare dangerous goods: the fields of IMDG 5.4 and what a port asks beside them. Pure."""

from typing import Annotated, Literal

import msgspec

from records.refused import Refused
from topics.events import Goods, Name, Tonnes
from topics.finding import Text
from topics.reading import TimeMs

Handling = Literal["load", "discharge", "transit"]

#: Lines of one declaration; a box holds fewer.
MOST_LINES = 50

#: Letters of a container number count 10 to 38, without the multiples of 11 (ISO 6346).
_LETTERS = {
    letter: value
    for letter, value in zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ", (each for each in range(10, 39) if each % 11), strict=True
    )
}  # fmt: skip


class Form(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One container's declaration. ``operation`` is when it is to be handled (ms UTC), ``gross_t`` the verified gross
    mass with the box (tonnes), ``tare_t`` the empty box; ``packing_certificate`` the number of the container packing
    certificate (IMDG 5.4.2), ``reference`` a booking or message number of the firm's own.
    """

    site: Name
    container: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{4,20}$", description="capital letters and digits")]
    goods: Annotated[tuple[Goods, ...], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    consignor: Name
    emergency_contact: Name
    operation: TimeMs
    handling: Handling = "load"
    voyage: Annotated[str, msgspec.Meta(max_length=60)] = ""
    vessel: Annotated[str, msgspec.Meta(max_length=60)] = ""
    consignee: Annotated[str, msgspec.Meta(max_length=120)] = ""
    gross_t: Tonnes | None = None
    tare_t: Tonnes | None = None
    packing_certificate: Annotated[str, msgspec.Meta(max_length=60)] = ""
    reference: Annotated[str, msgspec.Meta(max_length=60)] = ""

    @property
    def net_t(self) -> float:
        """Tonnes of dangerous goods, net, of all lines."""
        return sum(line.mass_t for line in self.goods)


def require_filled(form: Form) -> None:
    """Raises ``Refused`` where a name that must be there is nothing but blanks."""
    required = [("发货人", "consignor", form.consignor), ("应急联系人", "emergency contact", form.emergency_contact)]
    required += [(f"UN {line.un} 品名", f"proper shipping name of UN {line.un}", line.name) for line in form.goods]
    for zh, en, value in required:
        if not value.strip():
            raise Refused(Text(f"须填写{zh}", f"{en}: required, got only blanks"))


def check_digit(container: str) -> int | None:
    """The check digit a container number should have (ISO 6346); ``None`` where it has not that form at all."""
    if len(container) != 11 or not container[:4].isalpha() or not container[4:].isdecimal():
        return None
    values = [_LETTERS[each] if each in _LETTERS else int(each) for each in container[:10]]
    return sum(value << place for place, value in enumerate(values)) % 11 % 10
