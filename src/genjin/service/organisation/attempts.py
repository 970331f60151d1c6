"""How many wrong passwords are too many: of one login from one address, of one login, and from one address.

Few for a login from one address, so that nobody keeps a colleague out from elsewhere; more for the login from
everywhere and for the address with all logins, which stops who guesses with many addresses or many logins. What is
stored is a SHA-256 of what is counted.
"""

import hashlib
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address

from genjin.errors import TooManyRequests
from genjin.service.context import Installation
from genjin.store import tokens
from genjin.store.transaction import Tx

WIDE = 10
"""How many times as many failures a login has from everywhere, and an address with all logins."""
_LOOPBACK = "loopback"
_EVERYBODY = frozenset({"", _LOOPBACK})
"""Addresses that all clients may seem to have: none, and those of a proxy that Genjin was not told of."""
_ANY = "\0"
"""Stands for all logins or all addresses; neither is called so."""


def refuse_after_failures(installation: Installation, login: str, address: str) -> None:
    """Let a try pass, whether its login exists or not. Raises TooManyRequests after too many failures."""
    if installation.login_attempts is None:
        return
    most, seconds = installation.login_attempts
    counters, now = _counters(login, address), installation.clock.now()
    found = installation.database.read(
        lambda tx: [(tokens.failures(tx, key), wide) for key, wide in counters.items()], organisation_id=None
    )
    left = max((start + seconds - now for (start, count), wide in found if count >= most * wide), default=0)
    if left > 0:
        raise TooManyRequests(left)


def note_failure(installation: Installation, login: str, address: str, tell: Callable[[Tx], object]) -> None:
    """Count a try that failed, and tell of it in the same transaction, so that it takes as long whether its login
    exists or not; a window begins with its first one.
    """
    limits, now = installation.login_attempts, installation.clock.now()

    def use(tx: Tx) -> None:
        if limits is not None:
            count(tx, limits[1])
        tell(tx)

    def count(tx: Tx, seconds: int) -> None:
        for key in sorted(_counters(login, address)):
            start, failures = tokens.failures(tx, key)
            fresh = now - start >= seconds
            tokens.set_failures(tx, key, now if fresh else start, 1 if fresh else failures + 1)

    installation.database.write(use, organisation_id=None)


def forget_failures(tx: Tx, login: str, address: str, now: int) -> None:
    """The password was right: forget the failures of this login from this address, and what is older than a day.

    The wider counts stay, or somebody could guess on whenever the owner signs in.
    """
    tokens.clear_failures(tx, _key(login, _network(address)), now - 86_400)


def forget_old_failures(installation: Installation) -> None:
    """Forget what is older than a day."""
    before = installation.clock.now() - 86_400
    installation.database.write(lambda tx: tokens.clear_failures(tx, b"", before), organisation_id=None)


def _counters(login: str, address: str) -> dict[bytes, int]:
    """What a failure is counted by, and how many times the usual limit that may reach."""
    network = _network(address)
    counters = {_key(login, network): 1, _key(login, _ANY): WIDE}
    return counters if network in _EVERYBODY else counters | {_key(_ANY, network): WIDE}


def _network(address: str) -> str:
    """The address; of IPv6 the network of its 64 bits, of which whoever has one has all."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if found.is_loopback:
        return _LOOPBACK
    return str(found) if found.version == 4 else str(IPv6Network((int(found), 64), strict=False))


def _key(login: str, network: str) -> bytes:
    return hashlib.sha256(f"{login.casefold()}\0{network}".encode()).digest()
