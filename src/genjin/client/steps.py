"""How a call is carried out: waiting for the limit, signing in, trying again. No I/O: the clients take the steps.

A generator yields what is to be done next and is sent what came of it, so that `Client` and `AsyncClient` are one rule.
"""

import random
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from genjin.client import contract
from genjin.client.calls import Answer, Call, Request
from genjin.client.errors import Busy, ClientError, NotReached, NotSignedIn, Refused, TooOften
from genjin.client.limiter import Limit, Limiter

T = TypeVar("T")


class Retries(NamedTuple):
    """How often a call is tried at most, how long is waited after the first failure, and at most, in seconds. Each
    wait is up to twice the one before, at random, unless the server says how long.
    """

    tries: int = 5
    first_wait: float = 0.5
    longest_wait: float = 60.0
    limit_wait: float = 5.0
    """After `Retry later` without a time."""

    def wait(self, failures: int) -> float:
        """How long to wait after so many failures."""
        return min(self.longest_wait, self.first_wait * 2.0 ** (failures - 1)) * random.uniform(0.5, 1)


class Credentials(NamedTuple):
    """Who signs in. `corp_id` is needed where the login belongs to several organisations."""

    login: str
    password: str
    corp_id: str = ""


@dataclass
class State:
    """What the calls of one client share; `sent` is how many requests were sent."""

    credentials: Credentials | None
    token: str
    limiter: Limiter
    retries: Retries = field(default_factory=Retries)
    sent: int = 0


class Send(NamedTuple):
    """Send this; sent back is the answer, or NotReached."""

    request: Request


class Wait(NamedTuple):
    """Wait so many seconds."""

    seconds: float


class SignIn(NamedTuple):
    """Sign in, one at a time, unless somebody else has: then `dead` is not the token any more."""

    dead: str


class Now(NamedTuple):
    """Sent back is the time, in seconds of a clock that only goes forward."""


Step = Send | Wait | SignIn | Now
Steps = Generator[Step, "Answer | NotReached | float | None", T]


def state_of(token: str, login: str, password: str, corp_id: str, limit: Limit | None, retries: Retries) -> State:
    """What a client begins with. Raises ValueError where nobody can be signed in."""
    if not token and not login:
        raise ValueError("a client needs a token, or a login and its password")
    credentials = Credentials(login, password, corp_id) if login else None
    return State(credentials, token, Limiter(limit), retries)


def carried_out(state: State, call: Call[T]) -> Steps[T]:
    """The steps of a call. Raises ClientError."""
    if not state.token:
        yield SignIn("")
    token = state.token
    try:
        return (yield from _tried_again(state, _with_token(call, token)))
    except NotSignedIn:
        if state.credentials is None:
            raise
    yield SignIn(token)
    return (yield from _tried_again(state, _with_token(call, state.token)))


def signing_in(state: State) -> Steps[None]:
    """The steps of signing in; afterwards the state has a fresh token. Raises ClientError."""
    assert state.credentials is not None
    state.token = yield from _tried_again(state, contract.login(*state.credentials))


def _tried_again(state: State, call: Call[T]) -> Steps[T]:
    """Until it succeeds, or there is no use in trying. Too many calls let all of the client's wait."""
    failures = 0
    while True:
        try:
            return (yield from _tried(state, call))
        except ClientError as error:
            failures += 1
            wait = _wait(state.retries, error, call.repeatable, failures)
            if wait is None:
                raise
            if isinstance(error, TooOften):
                now = yield Now()
                assert isinstance(now, float)
                state.limiter.refused(now, wait)
            else:
                yield Wait(wait)


def _tried(state: State, call: Call[T]) -> Steps[T]:
    now = yield Now()
    assert isinstance(now, float)
    wait = state.limiter.wait(now)
    if wait > 0:
        yield Wait(wait)
    state.sent += 1
    answer = yield Send(call.request)
    if isinstance(answer, NotReached):
        raise answer
    assert isinstance(answer, Answer)
    return call.read(answer)


def _wait(retries: Retries, error: ClientError, repeatable: bool, failures: int) -> float | None:
    """How long to wait until a call is tried again; None for not at all.

    Too many calls are refused before anything is done, and so is what never reached the server.
    """
    if failures >= retries.tries:
        return None
    if isinstance(error, TooOften):
        return min(error.retry_after or retries.limit_wait, retries.longest_wait)
    if isinstance(error, NotReached):
        return retries.wait(failures) if repeatable or not error.maybe_done else None
    if isinstance(error, Busy) and repeatable:
        return min(error.retry_after or retries.wait(failures), retries.longest_wait)
    if isinstance(error, Refused) and error.code == "in_flight":
        return retries.wait(failures)
    return None


def _with_token(call: Call[T], token: str) -> Call[T]:
    header = f"Token token={token}, device=open_api, version_code=9.9.9"
    return replace(call, request=replace(call.request, headers={**call.request.headers, "Authorization": header}))
