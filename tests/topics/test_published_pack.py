"""A pack on its way over ``config``: it comes back as it was, known by its content, and a forged one is refused."""

import pickle
from pathlib import Path

import msgspec
import pytest

from topics.codec import encode
from topics.domain import Domain
from topics.domain_file import load_domain, load_domains
from topics.published_pack import PublishedPack, content_hash, from_published, publish_form

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize("domain", load_domains(), ids=lambda domain: domain.name)
def test_a_pack_comes_back_from_the_wire_as_it_was(domain: Domain) -> None:
    sent = publish_form(domain, 1_700_000_000_000)
    came = msgspec.json.decode(encode(sent), type=PublishedPack)
    assert from_published(came) == domain
    assert came.ref == f"domain/{domain.name}@{content_hash(domain)}"


def test_the_hash_is_of_the_content_not_of_the_layout(tmp_path: Path) -> None:
    text = (FIXTURES / "tourism.toml").read_text(encoding="utf-8")
    domain = load_domain(FIXTURES / "tourism.toml")
    other = tmp_path / "tourism.toml"
    other.write_text(
        "# a remark\n" + text.replace("order = 5\n", "").replace('name = "t', 'order = 5\nname = "t'), "utf-8"
    )
    assert content_hash(load_domain(other)) == content_hash(domain)
    other.write_text(text.replace("8000.0", "8001.0"), encoding="utf-8")
    assert content_hash(load_domain(other)) != content_hash(domain)


def test_a_pack_is_the_same_in_a_process_that_it_was_handed_to() -> None:
    for domain in load_domains():
        handed = pickle.loads(pickle.dumps(domain))
        assert content_hash(handed) == content_hash(domain) == publish_form(handed, 0).hash
        assert from_published(publish_form(handed, 0)) == domain


def test_an_older_worker_reads_a_newer_pack_and_refuses_a_forged_one() -> None:
    domain = load_domain(FIXTURES / "tourism.toml")
    content = msgspec.json.decode(msgspec.json.encode(domain))
    content["colour_of_the_mayor"] = "blue"
    content["quantities"]["visitors"]["limits"][0]["mood"] = {"a": 1}
    newer = PublishedPack("tourism", content_hash(content), 1_700_000_000_000, content)
    assert from_published(newer) == domain
    forged = msgspec.structs.replace(newer, hash="0" * 64)
    with pytest.raises(ValueError, match="config domain/tourism: hash: expected 0000"):
        from_published(forged)
