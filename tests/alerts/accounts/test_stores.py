"""Accounts on both stores: the whole story, and what only one may do when many try at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from alerts.accounts.audit import Line
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.accounts.refusal import Refused
from alerts.accounts.signing_in import new_link, new_token, sign_in, use_link
from alerts.accounts.terms import Terms
from alerts.ledger.chain import head_of
from tests.alerts.accounts.conftest import PASSWORD, Door
from tests.alerts.city_parts import House

MANY = 6


@pytest.fixture
def door(house: House) -> Door:
    return Door(house, Terms())


def test_an_account_lives_on_either_store(door: Door) -> None:
    access = door.access
    zhao, _ = use_link(access, new_link(access, None, "test").secret, "zhao", "赵敏", PASSWORD, "::1")
    within = Jurisdiction(frozenset({"safety"}), frozenset({"120116"}))
    number = door.add("wang", "operator", "viewer", within=within)
    account, made = sign_in(access, "WANG ", PASSWORD, "127.0.0.1")
    assert (account.id, account.jurisdiction, sorted(account.roles)) == (number, within, ["operator", "viewer"])
    assert (access.credentials.find("session", made.secret) or {})["account_name"] == "wang"
    token = new_token(access, account, frozenset({"see"}), "x", ["see"], 1)
    assert access.credentials.find("token", token.secret) is not None
    assert access.credentials.find("session", token.secret) is None  # each kind is its own
    with pytest.raises(Refused, match="at least one administrator"):
        access.store.write(lambda connection: access.directory.change(connection, zhao.id, roles=["viewer"]))
    with pytest.raises(Refused, match="taken"):
        door.add("wang", "viewer")
    for count in range(3):
        access.audit.write(Line("wang", "session", "see", f"GET /{count}", "::1", "done", 200))
    page = access.audit.listed(2)
    assert [item["target"] for item in page["items"]] == ["GET /2", "GET /1"]
    assert [item["target"] for item in access.audit.listed(2, page["next"])["items"]] == ["GET /0"]
    with access.store.read() as connection:
        assert head_of(connection).sequence == 3


def test_of_many_who_use_one_link_at_once_one_gets_in(door: Door) -> None:
    access = door.access
    link = new_link(access, None, "test")
    gate = threading.Barrier(MANY)

    def use(number: int) -> str:
        gate.wait()
        try:
            return use_link(access, link.secret, f"admin{number}", "", PASSWORD, "::1")[0].name
        except Refused as refusal:
            return refusal.reason

    with ThreadPoolExecutor(MANY) as pool:
        results = list(pool.map(use, range(MANY)))
    assert results.count("bad-link") == MANY - 1
    assert len(access.directory.all()) == 1


def test_secrets_are_kept_as_digests_and_passwords_as_argon2(door: Door) -> None:
    access = door.access
    door.add("wang", "operator")
    account, made = sign_in(access, "wang", PASSWORD, "127.0.0.1")
    with access.store.read() as connection:
        kept = str(connection.execute(sa.text("SELECT * FROM credential")).all())
        passwords = connection.execute(sa.text("SELECT password FROM account")).scalars().all()
    assert made.secret not in kept
    assert all(each.startswith("$argon2id$") for each in passwords)
    assert account.password in passwords
