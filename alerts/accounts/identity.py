"""Who is asking: the answer to one request's credentials, carried through the request."""

from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Request

from alerts.accounts.acts import OPEN_DESK, Act, Role, acts_of
from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction

Means = Literal["open-desk", "session", "token", "local-key"]

#: Where the gate leaves the identity in the request's scope.
PLACE = "citybrain.identity"


@dataclass(frozen=True, slots=True)
class Identity:
    """``account`` is the number of the account (``None`` at the open desk and for the key of this machine),
    ``name`` what goes into records; ``scopes`` narrows a token to some acts, ``credential`` is the number of the
    session or token used.
    """

    means: Means
    name: str
    account: int | None = None
    shown: str = ""
    roles: frozenset[Role] = frozenset()
    jurisdiction: Jurisdiction = WHOLE_CITY
    scopes: frozenset[Act] | None = None
    credential: int | None = None

    @property
    def signed_in(self) -> bool:
        """Whether it is known who this is, so that no body needs to say it."""
        return self.means != "open-desk"

    def acts(self) -> frozenset[Act]:
        """What may be done with this identity."""
        if self.means == "open-desk":
            return OPEN_DESK | {"open"}
        acts = acts_of(self.roles)
        return acts if self.scopes is None else acts & self.scopes | {"open"}

    def may(self, act: Act) -> bool:
        """Whether this act is among those of the identity's roles and token."""
        return act in self.acts()


#: Whoever sits at this machine while there are no accounts, or where the server is meant to be open.
DESK = Identity("open-desk", "")
#: Whoever can read the key file of the server's data folder: the machine's own administrator.
KEEPER = Identity("local-key", "local-administrator", shown="local administrator", roles=frozenset({"administrator"}))


def identity_of(request: Request) -> Identity:
    """The identity the gate found. Raises ``LookupError`` behind no gate: nobody is let in by accident."""
    return identity_in(request.scope)


def identity_in(scope: Any) -> Identity:
    """The same, from an ASGI scope."""
    found = scope.get(PLACE)
    if not isinstance(found, Identity):
        raise LookupError("no identity: this route is served without the gate of alerts/accounts/gate.py")
    return found


def jurisdiction_of(request: Request) -> Jurisdiction:
    """What the caller sees of the city."""
    return identity_of(request).jurisdiction
