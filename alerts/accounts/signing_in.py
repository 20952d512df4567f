"""Coming in and going out: sign-in with a password, one-time links, change of password, tokens."""

from ipaddress import IPv6Address, ip_address
from typing import Any, NoReturn

import sqlalchemy as sa

from alerts.accounts.access import Access
from alerts.accounts.acts import Act
from alerts.accounts.credentials import Made
from alerts.accounts.directory import Account, plain_name
from alerts.accounts.identity import Identity
from alerts.accounts.jurisdiction import WHOLE_CITY
from alerts.accounts.passwords import require_good
from alerts.accounts.refusal import LINK_GONE, NOT_YOURS, WRONG, Refused, too_soon
from alerts.accounts.terms import DAY_MS, LONGEST_TOKEN_DAYS
from alerts.alarm_row import storable
from topics.finding import Text


def sign_in(access: Access, name: str, password: str, address: str) -> tuple[Account, Made]:
    """A session for whoever knows the password.

    Raises ``Refused``: 401 alike for a wrong password, an unknown, a disabled and a passwordless account, after the
    same work; 429 alike for every name, after too many failures of the name or the address.
    """
    now = access.wall_ms()
    plain, near = plain_name(name)[:200], _neighbourhood(address)
    waits = access.by_address.begin(near, now)
    if not waits and (waits := access.by_account.begin(plain, now)):
        access.by_address.take_back(near)
    if waits:
        raise too_soon(-(-waits // 1000))
    account = access.directory.by_name(name)
    kept = account.password if account is not None and account.disabled is None else None
    if not access.passwords.matches(kept, password) or account is None or kept is None:
        raise Refused(401, WRONG, "wrong-password" if account is not None else "unknown-account")
    access.by_account.succeeded(plain)
    access.by_address.take_back(near)
    newer: dict[str, Any] = {"password": access.passwords.hash(password)} if access.passwords.outdated(kept) else {}
    access.store.write(lambda connection: access.directory.change(connection, account.id, signed_in=now, **newer))
    return account, new_session(access, account.id, address)


def new_session(access: Access, account: int, address: str) -> Made:
    """A session of this account; its end slides while it is used, up to the fixed one."""
    terms = access.terms
    return access.credentials.make("session", account, terms.session_ms, idle_ms=terms.session_idle_ms, address=address)


def new_link(access: Access, account: int | None, by: str) -> Made:
    """A one-time link: for an account to set its password, or (``None``) to make an administrator."""
    return access.credentials.make("link", account, access.terms.link_ms, label=by)


def about_link(access: Access, secret: str) -> Account | None:
    """Whose link this is; ``None`` for one that makes an administrator. Raises ``Refused`` (404)."""
    found = access.credentials.find("link", secret)
    if found is None:
        raise Refused(404, LINK_GONE, "bad-link")
    return None if found["account_id"] is None else access.directory.by_id(found["account_id"])


def use_link(access: Access, secret: str, name: str, shown: str, password: str, address: str) -> tuple[Account, Made]:
    """Set the password of the link's account, or make the administrator ``name``; signed in after that.

    Raises ``Refused`` for a link that is used up or over (404), a password or a name that is not good (422, 409).
    """
    found = access.credentials.find("link", secret)
    if found is None:
        raise Refused(404, LINK_GONE, "bad-link")
    owner = None if found["account_id"] is None else access.directory.by_id(found["account_id"])
    require_good(password, owner.name if owner is not None else name)
    kept = access.passwords.hash(password)
    now = access.wall_ms()

    def work(connection: sa.Connection) -> int:
        if not access.credentials.use_up(connection, found["id"]):
            raise Refused(404, LINK_GONE, "bad-link")
        if owner is None:
            return access.directory.add(
                connection, name, shown, ["administrator"], WHOLE_CITY, "one-time link", password=kept, signed_in=now
            )
        access.credentials.revoke_all(connection, owner.id, tokens=False)
        access.directory.change(connection, owner.id, password=kept, signed_in=now)
        return owner.id

    number = access.store.write(work)
    account = access.directory.by_id(number)
    assert account is not None
    return account, new_session(access, number, address)


def change_password(access: Access, identity: Identity, old: str, new: str) -> None:
    """A new password for who is signed in; all other sessions end. Raises ``Refused`` (403, 409, 422, 429)."""
    account = access.directory.by_id(identity.account or 0)
    if account is None or account.password is None:
        text = Text("此账号不使用本系统密码", "this account has no password here")
        raise Refused(409, text, "no-password")
    if waits := access.by_account.begin(account.name, access.wall_ms()):
        raise too_soon(-(-waits // 1000))
    if not access.passwords.matches(account.password, old):
        raise Refused(403, WRONG, "wrong-password")  # not 401: who asks is known
    access.by_account.succeeded(account.name)
    require_good(new, account.name)
    kept = access.passwords.hash(new)

    def work(connection: sa.Connection) -> None:
        access.directory.change(connection, account.id, password=kept)
        access.credentials.revoke_all(connection, account.id, tokens=False, but=identity.credential)

    access.store.write(work)


def new_token(access: Access, account: Account, may: frozenset[Act], label: str, scopes: list[str], days: int) -> Made:
    """A token of ``account`` for a machine, narrowed to ``scopes``, which ``may`` must hold (422 otherwise)."""
    wanted = sorted(set(scopes))
    refused = [each for each in wanted if each not in may or each in ("open", "own-account")]
    if refused or not wanted or not 1 <= days <= LONGEST_TOKEN_DAYS:
        can = ", ".join(sorted(may - {"open", "own-account"}))
        text = Text(
            f"令牌权限应取自：{can}；有效期 1 至 {LONGEST_TOKEN_DAYS} 天",
            f"a token needs scopes of: {can}; and lasts 1 to {LONGEST_TOKEN_DAYS} days",
        )
        raise Refused(422, text, "bad-scope")
    return access.credentials.make("token", account.id, days * DAY_MS, label=storable(label), scopes=",".join(wanted))


def no_such_account() -> NoReturn:
    """Raises ``Refused`` with status 404: there is no account of this number."""
    raise Refused(404, NOT_YOURS, "no-such-account")


def _neighbourhood(address: str) -> str:
    """What counts as one address: an IPv6 caller has a whole /64 to choose from."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(int(known) >> 64) if isinstance(known, IPv6Address) else address
