"""Artefacts by the names that controls call them: all versions a log may name, and none that has been withdrawn."""

import hashlib

from streams.artefacts import IN_FORCE, Artefacts


def test_every_version_is_found_until_it_is_withdrawn() -> None:
    artefacts = Artefacts()
    first, second = (f"air/{point}@{hashlib.sha256(body).hexdigest()}" for point, body in ((1, b"one"), (2, b"two")))
    artefacts.take_model("air/1", b"one")
    artefacts.take_model("air/2", b"two")
    artefacts.take_model(f"air{IN_FORCE}", b'{"series":"~model"}')
    assert (artefacts.get(first), artefacts.get(second)) == (b"one", b"two")
    artefacts.take_model("air/1", None)
    artefacts.take_model("air/7", None)
    assert (artefacts.get(first), artefacts.get(second)) == (None, b"two")


async def test_waiting_ends_when_it_comes_or_when_the_time_is_over() -> None:
    artefacts = Artefacts()
    assert await artefacts.wait("air/1@0", seconds=0.01) is None
    artefacts.take_model("air/1", b"one")
    assert await artefacts.wait(f"air/1@{hashlib.sha256(b'one').hexdigest()}") == b"one"
