"""What a provider of identities (OpenID Connect) says of a person, and what that makes them here. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.accounts.acts import ROLES, Role
from alerts.accounts.jurisdiction import Jurisdiction
from topics.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Provider:
    """Where identities come from. ``roles`` maps values of the claim ``role_claim`` to roles; ``domain_claim`` and
    ``district_claim`` name claims that list domains and districts ("" = the whole city for everybody).
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False, default="")
    role_claim: str = "groups"
    roles: tuple[tuple[str, Role], ...] = ()
    domain_claim: str = ""
    district_claim: str = ""
    scope: str = "openid profile email"

    def roles_of(self, claims: Mapping[str, Any]) -> frozenset[Role]:
        """The roles these claims give; none is a person who may not come in."""
        given = _values(claims, self.role_claim)
        return frozenset(role for value, role in self.roles if value in given)

    def jurisdiction_of(self, claims: Mapping[str, Any]) -> Jurisdiction:
        """The part of the city these claims give; a claim that is asked for and lacks gives nothing."""
        return Jurisdiction(
            frozenset(_values(claims, self.domain_claim)) if self.domain_claim else None,
            frozenset(_values(claims, self.district_claim)) if self.district_claim else None,
        )


def read_roles(text: str) -> tuple[tuple[str, Role], ...]:
    """``value=role,value=role…`` as pairs. Raises ``ConfigurationError`` for anything else."""
    pairs = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        value, equals, role = part.rpartition("=")
        if not equals or not value or role not in ROLES:
            raise ConfigurationError(f"oidc_roles: expected value=role with a role of {', '.join(ROLES)}, got {part!r}")
        pairs.append((value.strip(), role))
    return tuple(pairs)


def _values(claims: Mapping[str, Any], name: str) -> set[str]:
    """A claim is one text, several separated by blanks or commas, or a list."""
    found = claims.get(name)
    if isinstance(found, str):
        return set(found.replace(",", " ").split()) | {found}
    return {str(each) for each in found} if isinstance(found, list) else set()
