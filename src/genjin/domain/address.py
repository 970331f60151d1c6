"""Where the server may connect to on behalf of its users: only to what is on the public internet, unless the operator
allows it. Otherwise they would reach, through us, what a firewall keeps from them.

The ranges are those that IANA keeps for special purposes (RFC 6890), which `ipaddress` knows, and what it does not.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from genjin.errors import Invalid

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]
MOST_CHARACTERS = 2_000
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""NAT64: the last four bytes are an IPv4 address."""
_NOT_PUBLIC = (
    IPv4Network("192.0.0.0/24"),  # for protocols; a cloud has its metadata there
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv4Network("168.63.129.16/32"),  # a cloud's metadata, at an address that looks public
    IPv6Network("2001::/23"),  # for protocols, such as Teredo, which wraps IPv4
    IPv6Network("2002::/16"),  # 6to4, which wraps IPv4
    IPv6Network("3fff::/20"),  # for documentation
)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
"""RFC 1035: 63 characters at most."""
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?", re.IGNORECASE)
_TARGET = re.compile(r"[!-~]*")


class WebAddress(NamedTuple):
    """A URL in its parts. `target` is the path with the query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"


def networks_of(text: str) -> Networks:
    """`10.0.0.0/8 127.0.0.1` -> both. Raises ValueError."""
    return tuple(ip_network(each) for each in text.split())


def web_address(url: str) -> WebAddress:
    """The parts of a URL. Raises ValueError with what is wrong with it."""
    if len(url) > MOST_CHARACTERS:
        raise ValueError(f"must have {MOST_CHARACTERS} characters at most")
    if not _TARGET.fullmatch(url):
        raise ValueError("must be in visible ASCII characters: names in punycode, other letters by percent")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError("is no URL") from error
    if parts.scheme not in ("https", "http") or not host or "\\" in url:
        raise ValueError("must be https://HOST/PATH")
    if "@" in parts.netloc or "#" in url:
        raise ValueError("must have neither a user nor a fragment")
    if port == 0 or "%" in host or not (_HOST.fullmatch(host) or _literal(host)):
        raise ValueError("must have the name or the address of a host")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return WebAddress(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), target)


def check_url(url: str, allowed: Networks) -> None:
    """What can be told of a URL before its name is resolved. Raises Invalid."""
    try:
        address = web_address(url)
    except ValueError as error:
        raise Invalid({"url": [str(error)]}) from error
    literal = _literal(address.host)
    if literal is not None and not may_connect(literal, address.is_secure, allowed):
        raise Invalid({"url": ["is not an address that may be called from here"]})
    if not address.is_secure and not allowed:
        raise Invalid({"url": ["must be https"]})


def may_connect(address: Address, is_secure: bool, allowed: Networks) -> bool:
    """Whether one may connect there: to what is public and encrypted, and in any way to what is allowed."""
    address = _unwrapped(address)
    return any(address in network for network in allowed) or (is_secure and is_public(address))


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, and of a single machine."""
    address = _unwrapped(address)
    if any(address in network for network in _NOT_PUBLIC) or address.is_multicast or address.is_reserved:
        return False
    return address.is_global and (address.version == 4 or address in _GLOBAL_UNICAST)


def addresses_of(texts: Iterable[str]) -> list[Address]:
    """What a name was resolved to, without repeats; a zone behind a `%` makes an address link-local anyway."""
    return list(dict.fromkeys(ip_address(text) for text in texts))


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _TRANSLATED:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
