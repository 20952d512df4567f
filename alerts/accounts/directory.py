"""The accounts: who there is, with which roles and which part of the city. Accounts are disabled, never removed."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from alerts.accounts.acts import ROLES, Role
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.accounts.refusal import Refused
from alerts.accounts.tables import account
from alerts.alarm_row import storable
from alerts.store import Store
from topics.finding import Text

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Account:
    """``name`` is typed at sign-in, ``shown`` is what people read; ``password`` is a hash. Times ms UTC."""

    id: int
    name: str
    shown: str
    roles: frozenset[Role]
    jurisdiction: Jurisdiction
    password: str | None
    issuer: str | None
    created: int
    created_by: str
    signed_in: int | None
    disabled: int | None

    def view(self) -> dict[str, Any]:
        """As the interface shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "shown": self.shown,
            "roles": sorted(self.roles),
            "domains": _sorted(self.jurisdiction.domains),
            "districts": _sorted(self.jurisdiction.districts),
            "signs_in_by": "password" if self.password else "provider" if self.issuer else "link",
            "created": self.created,
            "created_by": self.created_by,
            "signed_in": self.signed_in,
            "disabled": self.disabled,
        }


class Directory:
    """Reads and writes accounts. ``wall_ms`` gives the wall time."""

    def __init__(self, store: Store, wall_ms: Callable[[], int]) -> None:
        self._store = store
        self._wall_ms = wall_ms
        self._any = False

    def any(self) -> bool:
        """Whether there is at least one account; once there is, there always will be."""
        if not self._any:
            with self._store.read() as connection:
                self._any = connection.execute(sa.select(account.c.id).limit(1)).first() is not None
        return self._any

    def all(self) -> list[Account]:
        """Every account, also those shut, by name."""
        with self._store.read() as connection:
            return [
                from_row(dict(row))
                for row in connection.execute(sa.select(account).order_by(account.c.name)).mappings()
            ]

    def by_id(self, number: int) -> Account | None:
        """The account of this number, ``None`` where there is none."""
        return self._one(account.c.id == number)

    def by_name(self, name: str) -> Account | None:
        """The account of this name in whatever case it is typed, ``None`` where there is none."""
        return self._one(account.c.name == plain_name(name))

    def of_issuer(self, issuer: str, subject: str) -> Account | None:
        """The account of a person another house vouches for."""
        return self._one((account.c.issuer == issuer) & (account.c.subject == subject))

    def add(
        self,
        connection: sa.Connection,
        name: str,
        shown: str,
        roles: Iterable[str],
        jurisdiction: Jurisdiction,
        created_by: str,
        **more: Any,
    ) -> int:
        """A new account's number. Raises ``Refused`` (409) where the name is taken, (422) where it is none."""
        plain = require_name(name, from_provider="issuer" in more)
        if connection.execute(sa.select(account.c.id).where(account.c.name == plain)).first():
            raise Refused(409, Text(f"用户名“{plain}”已存在", f"the name {plain!r} is taken"), "name-taken")
        row = {
            "name": plain, "shown": storable(shown).strip()[:LONGEST_NAME] or plain, "roles": _roles(roles),
            "domains": _joined(jurisdiction.domains), "districts": _joined(jurisdiction.districts),
            "created": self._wall_ms(), "created_by": created_by,
        }  # fmt: skip
        insert = sa.insert(account).values({**row, **more}).returning(account.c.id)
        number: int = connection.execute(insert).scalar_one()
        return number

    def change(self, connection: sa.Connection, number: int, *, from_provider: bool = False, **columns: Any) -> bool:
        """Set columns of an account; ``roles`` and ``jurisdiction`` as objects. False where there is none.

        Raises ``Refused`` (409) where nobody would be left who can manage accounts, unless a provider says so.
        """
        if "roles" in columns:
            columns["roles"] = _roles(columns["roles"])
        if (within := columns.pop("jurisdiction", None)) is not None:
            columns |= {"domains": _joined(within.domains), "districts": _joined(within.districts)}
        if not columns:
            return True
        done = connection.execute(sa.update(account).where(account.c.id == number).values(**columns)).rowcount == 1
        if not from_provider and ("roles" in columns or "disabled" in columns):
            _keep_an_administrator(connection)
        return done

    def _one(self, which: sa.ColumnElement[bool]) -> Account | None:
        with self._store.read() as connection:
            row = connection.execute(sa.select(account).where(which)).mappings().first()
        return from_row(dict(row)) if row is not None else None


def from_row(row: Mapping[str, Any], prefix: str = "") -> Account:
    """An account from a row whose columns bear ``prefix``; the key column always is ``id`` or ``account_id``."""
    return Account(
        id=row["account_id"] if prefix else row["id"],
        name=row[f"{prefix}name"],
        shown=row[f"{prefix}shown"],
        roles=frozenset(cast(Role, role) for role in row[f"{prefix}roles"].split(",") if role in ROLES),
        jurisdiction=Jurisdiction(_split(row[f"{prefix}domains"]), _split(row[f"{prefix}districts"])),
        password=row[f"{prefix}password"],
        issuer=row[f"{prefix}issuer"],
        created=row[f"{prefix}created"],
        created_by=row[f"{prefix}created_by"],
        signed_in=row[f"{prefix}signed_in"],
        disabled=row[f"{prefix}disabled"],
    )


def plain_name(name: str) -> str:
    """As names are compared: NFKC, no case, no blanks around."""
    return unicodedata.normalize("NFKC", storable(name)).strip().casefold()


def require_name(name: str, *, from_provider: bool = False) -> str:
    """The plain name. Raises ``Refused`` (422) for one that is empty, too long or holds what other things need:
    lists the comma, paths the slash, names that come from a provider the colon.
    """
    plain = plain_name(name)
    kept = ",;/" if from_provider else ",;/:"
    if not plain or len(plain) > LONGEST_NAME or any(not each.isprintable() or each in kept for each in plain):
        text = Text(
            f"用户名应为 1 至 {LONGEST_NAME} 个字符，不含逗号、分号、冒号和斜线",
            f"a name has 1 to {LONGEST_NAME} characters and no comma, semicolon, colon or slash",
        )
        raise Refused(422, text, "bad-name")
    return plain


def _keep_an_administrator(connection: sa.Connection) -> None:
    """The last one who can manage accounts does not lock everybody out."""
    rows = connection.execute(sa.select(account.c.roles).where(account.c.disabled.is_(None))).scalars()
    if not any("administrator" in roles.split(",") for roles in rows):
        text = Text("至少要有一个启用的管理员账号", "at least one administrator must remain")
        raise Refused(409, text, "last-administrator")


def _roles(roles: Iterable[str]) -> str:
    chosen = sorted(set(roles))
    if unknown := [role for role in chosen if role not in ROLES]:
        text = Text(f"没有角色 {unknown}，应为 {list(ROLES)}", f"no role {unknown}, expected some of {list(ROLES)}")
        raise Refused(422, text, "bad-role")
    return ",".join(chosen)


def _joined(names: Iterable[str] | None) -> str | None:
    return None if names is None else ",".join(sorted(names))


def _split(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(filter(None, text.split(",")))


def _sorted(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)
