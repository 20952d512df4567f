"""Times and numbers in the one form that the event hash of CBV 2.0 asks for. Pure."""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

_FRACTION = re.compile(r"(?P<before>.*\d\d:\d\d:\d\d)\.(?P<part>\d+)(?P<zone>.*)")


def utc_moment(text: str) -> str:
    """A time in UTC to the millisecond, the third decimal rounded half up; what is no time as it stands."""
    matched = _FRACTION.fullmatch(text)
    whole, part = (matched["before"] + matched["zone"], matched["part"]) if matched else (text, "0")
    try:
        moment = dt.datetime.fromisoformat(whole)
        thousandths = int(Decimal(f"0.{part}").quantize(Decimal("0.001"), ROUND_HALF_UP) * 1000)
        if moment.tzinfo is None:
            return text
        moment = moment.astimezone(dt.UTC) + dt.timedelta(milliseconds=thousandths)
    except (ValueError, OverflowError):
        return text
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain_number(text: str) -> str:
    """A number with neither sign of plus nor zeros that say nothing."""
    plain = format(Decimal(text).normalize(), "f")
    return "0" if plain in ("-0", "") else plain
