"""`citybrain accounts` and what a server says at its start: with a server, without one, and on which terms."""

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts.accounts.access import Access
from alerts.accounts.local_key import NAME, forget_local_key, read_local_key, write_local_key
from alerts.accounts.passwords import Passwords
from alerts.accounts.signing_in import sign_in, use_link
from alerts.api import create_app, require_loopback
from alerts.store import Store
from streams.__main__ import main
from streams.server_terms import first_words, terms_of
from streams.settings import load_settings
from tests.alerts.accounts.conftest import server_of
from tests.alerts.city_parts import House
from tests.alerts.pages.served import Served
from tests.made_stores import made_store
from topics.errors import CityBrainError, ConfigurationError

PASSWORD = "seven blue kilns at dusk"
CHEAP = Passwords(passes=1, memory_kib=8, lanes=1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CITYBRAIN_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def call(*words: str) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["accounts", *words])
        said = capsys.readouterr()
        assert ended.value.code == 0, said.err
        return said.out

    return call


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    made = House(made_store(folder))
    yield made
    made.store.close()


def test_without_a_server_the_commands_work_on_the_store(folder: Path, run: Callable[..., str]) -> None:
    link = json.loads(run("add", "wang", "--role", "operator", "--district", "120116", "--json"))["link"]
    store = Store(f"sqlite:///{folder / 'store.db'}")
    access = Access(store, passwords=CHEAP)
    account, _ = use_link(access, link.partition("#")[2], "", "", PASSWORD, "::1")
    assert (account.name, account.jurisdiction.districts) == ("wang", frozenset({"120116"}))
    run("add", "zhao", "--role", "administrator")
    assert "operator" in run("list")
    run("disable", "wang")
    with pytest.raises(CityBrainError):
        sign_in(access, "wang", PASSWORD, "::1")
    run("enable", "wang")
    sign_in(access, "wang", PASSWORD, "::1")
    token = run("tokens", "wang", "--new", "siren", "--scope", "see").strip()
    assert access.credentials.find("token", token) is not None
    (listed, _) = json.loads(run("tokens", "wang", "--json"))["credentials"]
    run("tokens", "wang", "--revoke", str(listed["id"]))
    assert access.credentials.find("token", token) is None
    done = {each["act"] for each in access.audit.listed(100, who="local-administrator")["items"]}
    assert {"add-account", "change-account", "make-token", "revoke"} <= done
    store.close()


def test_a_running_server_is_asked_with_the_key_of_its_folder(
    folder: Path, house: House, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    access = Access(house.store, passwords=CHEAP, local_key=write_local_key(folder))
    monkeypatch.setenv("CITYBRAIN_STORE_URL", "sqlite:////nowhere/at/all.db")  # only the server can do it
    with Served(create_app(server_of(house), access)) as served:
        monkeypatch.setenv("CITYBRAIN_SERVER_PORT", served.base.rpartition(":")[2])
        link = run("link").strip()
    assert link.startswith(f"{served.base}/link#cbl_")
    account, _ = use_link(access, link.partition("#")[2], "zhao", "", PASSWORD, "::1")
    assert account.roles == {"administrator"}


def test_a_server_elsewhere_is_asked_with_a_token(
    folder: Path, house: House, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    access = Access(house.store, passwords=CHEAP, local_key=write_local_key(folder))
    run("add", "zhao", "--role", "administrator")
    token = run("tokens", "zhao", "--new", "cli", "--scope", "manage-accounts").strip()
    monkeypatch.setenv("CITYBRAIN_SERVER_TOKEN", token)
    with Served(create_app(server_of(house), access)) as served:
        assert json.loads(run("list", "--server", served.base, "--json"))["accounts"][0]["name"] == "zhao"


def test_an_unknown_account_is_said_in_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["accounts", "disable", "nobody"])
    assert ended.value.code == 1
    assert "expected the name of an account, got 'nobody'" in capsys.readouterr().err


def test_the_key_is_for_its_owner_alone_and_new_at_each_start(tmp_path: Path) -> None:
    first = write_local_key(tmp_path)
    second = write_local_key(tmp_path)
    assert first != second == read_local_key(tmp_path)
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    forget_local_key(tmp_path)
    assert read_local_key(tmp_path) is None


def test_the_first_start_gives_a_link_to_a_person_and_none_to_a_log(house: House) -> None:
    access = Access(house.store, passwords=CHEAP)
    told = first_words(access, "http://127.0.0.1:8400/", to_a_person=True)
    assert "http://127.0.0.1:8400/link#cbl_" in told and "within 24 h" in told
    logged = first_words(access, "http://127.0.0.1:8400/", to_a_person=False)
    assert "citybrain accounts link" in logged and "cbl_" not in logged
    secret = told.partition("#")[2].split()[0]
    use_link(access, secret, "zhao", "", PASSWORD, "::1")
    assert first_words(access, "http://127.0.0.1:8400/", to_a_person=True) == ""


def test_beyond_loopback_needs_accounts_and_a_sheltered_way() -> None:
    require_loopback("127.0.0.1")
    for given, message in (
        ({}, "until accounts exist, got '0.0.0.0'"),
        ({"accounts": True}, r"expected TLS .* or a proxy that ends it"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            require_loopback("0.0.0.0", **given)
    require_loopback("0.0.0.0", accounts=True, sheltered=True)


def test_the_settings_become_terms() -> None:
    settings = load_settings(
        {
            "CITYBRAIN_SERVER_HOSTS": "desk.city.example, wall.city.example",
            "CITYBRAIN_SERVER_OPEN": "true",
            "CITYBRAIN_SESSION_IDLE_MIN": "30",
            "CITYBRAIN_OIDC_ISSUER": "https://id.city.example",
            "CITYBRAIN_OIDC_CLIENT_ID": "desk",
            "CITYBRAIN_OIDC_CLIENT_SECRET": "not for printing",
            "CITYBRAIN_OIDC_ROLES": "duty=duty-officer",
        }
    )
    terms = terms_of(settings, "10.0.0.5")
    assert terms.hosts == ("desk.city.example", "wall.city.example", "10.0.0.5")
    assert terms.open_desk and terms.session_idle_ms == 1_800_000
    assert terms.provider is not None and terms.provider.roles == (("duty", "duty-officer"),)
    assert "not for printing" not in repr(terms)


@pytest.mark.parametrize(
    ("environment", "host", "message"),
    [
        ({}, "0.0.0.0", "server_hosts: expected the names"),
        ({"CITYBRAIN_OIDC_ISSUER": "https://x"}, "127.0.0.1", "oidc_client_id, oidc_roles: expected both"),
        ({"CITYBRAIN_SERVER_OPEN": "perhaps"}, "127.0.0.1", "expected true or false, got 'perhaps'"),
        ({"CITYBRAIN_SERVER_CERT_FILE": "x.pem"}, "127.0.0.1", "expected both or neither"),
        ({"CITYBRAIN_SESSION_H": "0"}, "127.0.0.1", "session_h: expected at least 1"),
    ],
)
def test_terms_that_cannot_be_are_refused(environment: dict[str, str], host: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        terms_of(load_settings(environment), host)
