"""One registered plant with a stack and an outlet, and frames of its devices."""

from records.registry import Device, SeriesMeta, Site, registry_of
from streams.sources.hj212.client import build_frame, build_segment
from topics.finding import Text

NOW = 1_470_013_200_000

PLANT = Site("plant-01", "pollution", Text("一厂", "Plant one"), "Firm", "120116", 39.0, 117.7)
OUTLET = Device("OUTLET1", "plant-01", "hj212", {"w01018": SeriesMeta(unit="ug/L")})
MAPPED = Device("MAPPED1", "plant-01", "hj212", {"cod": SeriesMeta(sent_as=("011",))})
#: Its site was never registered.
STRAY = Device("STRAY1", "plant-99", "hj212")
#: It was taken away in 2015.
GONE = Device("GONE1", "plant-01", "hj212", valid_to=1_420_041_600_000)

REGISTRY = registry_of([PLANT, OUTLET, MAPPED, STRAY, GONE])


def frame(
    cp: str = "DataTime=20160801085857;w01018-Rtd=12.5,w01018-Flag=N",
    *,
    mn: str = "OUTLET1",
    cn: str = "2011",
    qn: str = "20160801085857223",
    flag: int | None = 5,
    rf: bool = False,
) -> bytes:
    """A frame with its CR LF."""
    return build_frame(build_segment(qn=qn, st="32", cn=cn, mn=mn, cp=cp, flag=flag, rf=rf))
