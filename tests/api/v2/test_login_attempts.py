"""Wrong passwords: how many are too many, of whom, and that nobody can keep a colleague out."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import httpx
import pytest

from tests.world import NOW, PASSWORD, Site, World, ok, opened, refused

URL = "/api/v2/auth/login"
MOST, WIDELY = 3, 30
"""How many failures of a login from one address are let pass here, and of a login or an address."""
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.1"


def _try(client: httpx.Client, login: str = "alice", password: str = PASSWORD) -> httpx.Response:
    return client.post(URL, json={"login": login, "password": password})


@pytest.fixture
def world(site: Site) -> Iterator[World]:
    """The test world with a limit that is soon reached, because every try takes its time."""
    with opened(site) as world:
        world.installation = replace(world.installation, login_attempts=(MOST, 300))
        yield world


def _guess(world: World, addresses: Iterable[str], logins: Iterable[str], each: int = MOST) -> None:
    """Wrong passwords that are all counted."""
    for address in addresses:
        for login in logins:
            for _ in range(each):
                refused(_try(world.client(address=address), login, "wrong"), 100402)


def _is_refused(told: httpx.Response) -> bool:
    return told.status_code == 429 and told.text == "Retry later\n" and int(told.headers["retry-after"]) > 0


def test_too_many_failures_are_told_to_come_back_later(world: World) -> None:
    stranger = world.client(address=HERE)
    for _ in range(MOST):
        refused(_try(stranger, password="wrong"), 100402)
    world.clock.at = NOW + 100
    for login, password in (("alice", "wrong"), ("alice", PASSWORD), (" ALICE ", PASSWORD)):
        told = _try(stranger, login, password)
        assert (told.status_code, told.text) == (429, "Retry later\n")
        assert told.headers["retry-after"] == "200"
        assert told.headers["content-type"].startswith("text/plain")
    assert ok(_try(stranger, "bob"))
    world.clock.at = NOW + 300
    assert ok(_try(stranger))


def test_failures_of_a_login_that_does_not_exist_are_limited_just_so(stranger: httpx.Client) -> None:
    assert [_try(stranger, "nobody").status_code for _ in range(MOST + 1)] == [200] * MOST + [429]


def test_a_success_forgets_the_failures_before_it(stranger: httpx.Client) -> None:
    for _ in range(2):
        for _ in range(MOST - 1):
            _try(stranger, password="wrong")
        assert ok(_try(stranger))


def test_nobody_keeps_a_colleague_out_from_elsewhere(world: World) -> None:
    _guess(world, [ELSEWHERE], ["alice"])
    assert _is_refused(_try(world.client(address=ELSEWHERE)))
    assert ok(_try(world.client(address=HERE)))
    assert _is_refused(_try(world.client(address=ELSEWHERE)))  # the owner's success is none of the guesser's


def test_a_login_that_is_guessed_at_from_many_addresses_is_refused_everywhere(world: World) -> None:
    _guess(world, [f"198.51.100.{n}" for n in range(WIDELY // MOST)], ["alice"])
    assert _is_refused(_try(world.client(address=HERE)))
    assert ok(_try(world.client(address=HERE), "bob"))
    world.clock.at = NOW + 300
    assert ok(_try(world.client(address=HERE)))


def test_an_address_that_tries_many_logins_is_refused_altogether(world: World) -> None:
    _guess(world, [ELSEWHERE], [f"login{n}" for n in range(WIDELY)], each=1)
    assert _is_refused(_try(world.client(address=ELSEWHERE)))
    assert ok(_try(world.client(address=HERE)))


def test_a_success_does_not_let_an_address_try_more_logins(world: World) -> None:
    for part in range(2):
        _guess(world, [ELSEWHERE], [f"login{part}{n}" for n in range(WIDELY // 2)], each=1)
        told = _try(world.client(address=ELSEWHERE), "eve")
        assert _is_refused(told) if part else ok(told)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_a_proxy_on_this_machine_is_not_refused_for_what_its_clients_do(world: World, address: str) -> None:
    _guess(world, [address], [f"login{n}" for n in range(WIDELY)], each=1)
    assert ok(_try(world.client(address=address)))
    _guess(world, [address], ["alice"])
    assert _is_refused(_try(world.client(address=address)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"),
        ("203.0.113.7", "::ffff:203.0.113.7"),
        ("fe80::1%eth0", "fe80::2%eth0"),
    ],
)
def test_who_has_a_whole_network_has_one_address(world: World, one: str, other: str) -> None:
    _guess(world, [one], ["alice"], each=2)
    _guess(world, [other], ["alice"], each=1)
    assert _is_refused(_try(world.client(address=one)))
    assert ok(_try(world.client(address="2001:db8:0:2::1")))


def test_an_address_that_is_none_is_counted_as_it_is(world: World) -> None:
    _guess(world, ["testclient"], ["alice"])
    assert _is_refused(_try(world.client(address="testclient")))
    assert ok(_try(world.client(address="")))
    _guess(world, [""], ["alice"])
    assert _is_refused(_try(world.client(address="")))
    assert ok(_try(world.client(address=""), "bob"))


def test_failures_are_counted_for_all_workers_together(world: World) -> None:
    _guess(world, [HERE], ["alice"], each=2)
    with opened(world.site) as other:
        other.installation = replace(other.installation, login_attempts=(MOST, 300))
        _guess(other, [HERE], ["alice"], each=1)
        assert _is_refused(_try(other.client(address=HERE)))
    assert _is_refused(_try(world.client(address=HERE)))


def test_what_is_counted_is_not_stored_in_the_clear(world: World, stranger: httpx.Client) -> None:
    _guess(world, [HERE], ["alice"], each=1)
    rows = world.database.read(lambda tx: tx.rows("SELECT login_hash, failures FROM login_failures", ()))
    assert sorted((len(key), count) for key, count in rows) == [(32, 1), (32, 1), (32, 1)]


def test_where_no_limit_is_set_nothing_is_counted(site: Site) -> None:
    with opened(site) as world:
        world.installation = replace(world.installation, login_attempts=None)
        _guess(world, [HERE], ["alice"], each=12)
        assert ok(_try(world.client(address=HERE)))
        assert world.database.read(lambda tx: tx.rows("SELECT * FROM login_failures", ())) == []
