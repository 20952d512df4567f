"""Whether a camera sees: silence and a blurred picture are findings, never "all good". Pure."""

from typing import Literal

import msgspec

from records.kitchens.terms import KitchenTerms
from topics.kitchen_events import CameraState, Kitchen, Sight


class Camera(msgspec.Struct, frozen=True):
    """What is known of a camera: last ``heard`` of, its ``state`` and since when it has been that (ms UTC)."""

    site: str
    camera: str
    heard: int
    state: Sight = "ok"
    since: int = 0

    def told(self, event: Kitchen) -> "Camera":
        """After one more word of it; what is older than the last changes nothing. A sight is no word on the picture."""
        if event.time <= self.heard:
            return self
        if isinstance(event, CameraState) and event.state != self.state:
            return Camera(self.site, self.camera, event.time, event.state, event.time)
        return msgspec.structs.replace(self, heard=event.time)

    def fault(self, terms: KitchenTerms, now: int) -> "Unseeing | None":
        """What is wrong with it now, and since when."""
        bound = terms.unseeing_s * 1000
        if now - self.heard >= bound:
            return Unseeing("camera-silent", self.heard)
        if self.state != "ok" and now - self.since >= bound:
            return Unseeing("camera-unseeing", self.since)
        return None


class Unseeing(msgspec.Struct, frozen=True):
    """A camera that has said nothing, or not seen, since ``since``."""

    rule: Literal["camera-silent", "camera-unseeing"]
    since: int


def first_word(event: Kitchen) -> Camera:
    """A camera of which nothing was known."""
    state: Sight = event.state if isinstance(event, CameraState) else "ok"
    return Camera(event.site, event.camera, event.time, state, event.time)
