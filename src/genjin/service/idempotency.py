"""A request that is sent again is carried out once: its answer is kept in the transaction of what it did.

So there is never an answer without the deed, nor a deed without its answer, however many workers there are.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

import orjson

from genjin.errors import KeyReused
from genjin.service.context import Installation, Session
from genjin.service.sweeping import sweep_everywhere
from genjin.store import kept_answers
from genjin.store.kept_answers import KeptRow
from genjin.store.transaction import Tx

AT_ONCE = 500
"""The most answers that one transaction forgets."""


class Request(NamedTuple):
    """The key that a caller gave, and all that makes the request what it is."""

    key: str
    content: bytes


class Answer(NamedTuple):
    """What is answered; `again` when it was answered before."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    again: bool = False


def once(
    installation: Installation, session: Session, request: Request, work: Callable[[Installation], Answer]
) -> Answer:
    """The answer of `work`, or the one that the same request was given before; a key is its caller's own.

    What `work` does through the installation that it is given is one transaction; when it raises, nothing is done or
    kept. Raises InFlight while the first request with the key is carried out; KeyReused for another request.
    """
    key_hash = hashlib.sha256(f"{session.viewer.user_id}:{request.key}".encode()).digest()
    request_hash = hashlib.sha256(request.content).digest()
    organisation_id, now = session.organisation_id, installation.clock.now()

    def use(tx: Tx) -> Answer:
        kept = kept_answers.take(tx, organisation_id, key_hash, now - installation.idempotency_hours * 3600)
        if kept is None:
            answer = work(installation.within(tx))
            row = KeptRow(request_hash, now, answer.status, orjson.dumps(dict(answer.headers)), answer.body)
            kept_answers.put(tx, organisation_id, key_hash, row)
            return answer
        if kept.request_hash != request_hash:
            raise KeyReused({"Idempotency-Key": ["was given with another request"]})
        return Answer(kept.status, orjson.loads(kept.headers), kept.body, again=True)

    with installation.in_flight.holding((organisation_id, key_hash)):
        return installation.database.write(use, organisation_id)


def forget_answers(installation: Installation, go_on: Callable[[], bool] = lambda: True) -> int:
    """Delete the answers that are not given again any more, as long as `go_on` says so; how many."""
    before = installation.clock.now() - installation.idempotency_hours * 3600
    return sweep_everywhere(
        installation, lambda tx, organisation_id: kept_answers.forget(tx, organisation_id, before, AT_ONCE), go_on
    )
