"""`python -m bench.searching`: page one of a search over many entries, on both engines, for who sees all, who manages a
department and who sees little; the words are made up, a few of them common and most rare, as words are.
"""

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from itertools import accumulate
from random import Random
from statistics import median
from time import perf_counter
from urllib.parse import quote

from starlette.types import ASGIApp, Message

from bench.engines import add_engines, print_of_each
from bench.filling import bytes_of, in_batches
from bench.machine import parent_of, processor_seconds
from bench.stages import scope_of
from genjin.app import build
from genjin.domain.activity import Draft
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.people import DataScope, Department, Organisation, Role, User
from genjin.domain.records import Record, RecordType, Ref
from genjin.logs import configure_logs
from genjin.service.activities import record_many
from genjin.service.context import Installation, open_installation
from genjin.service.organisation.signin import create_token
from genjin.service.search.settling import settle_texts
from genjin.settings import Settings
from genjin.store import ids, people, records, schema
from genjin.store.transaction import Tx

ORGANISATION, FIRST_DAY, APART = 1, 1_672_588_800, 90
SELLERS, MANAGER, APIECE = 200, 12, 20
"""The manager sees the records of one seller in twenty, which are of their department."""
OF_A_RECORD = 50
BATCH, TIMES = 5_000, 15
COMMON, LONG_AGO, RARE = "报价", "旧款", "绝无"
"""In every third text; in every third of the oldest third; in one of a hundred thousand."""


def main() -> int:
    """Measure, print a table for each engine."""
    parser = argparse.ArgumentParser(prog="python -m bench.searching", description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument(
        "--at", metavar="URL", help="an empty database to fill and keep, or one that was filled so before"
    )
    add_engines(parser)
    asked = parser.parse_args()
    configure_logs("warning", "json")
    if asked.at is None:
        print_of_each(asked.engines, "searching", lambda url: measure(url, asked.entries))
    else:
        print(*measure(asked.at, asked.entries), sep="\n")
    return 0


def measure(url: str, entries: int) -> Iterator[str]:
    """Lines of a table: milliseconds from the request to the answer, within the process, and of the processor for each,
    PostgreSQL's too, which says more where others use the machine.
    """
    settings = Settings(database_url=url)
    installation = open_installation(settings)
    with closing(installation.database):
        schema.upgrade(installation.database)
        if not installation.database.read(people.all_organisations, organisation_id=None):
            yield from _filled(installation, url, entries)
        yield f"  {'page one, milliseconds':48}{'median':>8}{'longest':>9}{'processor':>11}{'found':>7}"
        app, words, pids = build(installation, settings), _words(), _processes(installation)
        gc.freeze()  # as a server does
        for who, token in _tokens(installation).items():
            paths = {title: f"search?{asked}" for title, asked in _asked(words).items()}
            paths |= {title: f"search/records?{asked}" for title, asked in _suggested().items()}
            for title, path in paths.items():
                before = sum(map(processor_seconds, pids))
                some, count = asyncio.run(ask(app, f"/api/v1/{path}", token))
                each = (sum(map(processor_seconds, pids)) - before) * 1000 / (TIMES + 1)
                yield f"  {f'{who}, {title}':48}{median(some):8.1f}{max(some):9.1f}{each:11.1f}{count:>7}"


def _processes(installation: Installation) -> set[int]:
    """This process and PostgreSQL's, of whose descendants the processor time counts too."""
    if installation.database.engine == "sqlite":
        return {os.getpid()}
    [(backend,)] = installation.database.read(lambda tx: tx.rows("SELECT pg_backend_pid()", ()), ORGANISATION)
    return {os.getpid(), parent_of(backend)}


def _filled(installation: Installation, url: str, entries: int) -> Iterator[str]:
    installation.database.write(partial(_put_people, entries))
    took = _fill(installation, entries, _words())
    before, began = bytes_of(url), perf_counter()
    settle_texts(installation)
    settled = perf_counter() - began
    yield f"{installation.database.engine}, {entries:,} entries: {took / entries * 1e6:.0f} us each to write,"
    more = (bytes_of(url) - before) / entries
    yield f"  {settled / entries * 1e6:.0f} us to move into the index, which adds {more:.0f} bytes"


def _tokens(installation: Installation) -> Mapping[str, str]:
    return {
        who: create_token(installation, ORGANISATION, login, "bench")
        for who, login in {"who sees all": "u0", "who sees one in 200": "u1", "who manages one in 20": "u2"}.items()
    }


def _asked(words: list[str]) -> Mapping[str, str]:
    """What is searched for, by what it is."""
    middling = next(word for word in words[150:] if len(word) == 2)
    asked = {
        "in every third text": COMMON,
        "in one of some hundred": middling,
        "in one of 100,000": RARE,
        "common once": LONG_AGO,
        "two words": f"{COMMON} {middling}",
        "two words in one": f'"{COMMON}{middling}"',
        "the beginning of a word": "ba",
        "nothing": "没有这样的",
    }
    plain = {title: f"q={quote(text)}" for title, text in asked.items()}
    return plain | {
        "in every third, the oldest first": f"q={quote(COMMON)}&order=oldest",
        "names": f"q={quote('线索科')}&in=record",
        "names by pinyin": "q=shilix&in=record",
    }


def _suggested() -> Mapping[str, str]:
    """What somebody types who means a record, by what it is."""
    typed = {
        "one character": "示",
        "a name": "示例线索12",
        "initials": "slxs",
        "pinyin": "shilixiansuo11",
        "digits": "0042",
    }
    return {f"suggested by {title}": f"q={quote(text)}" for title, text in typed.items()}


async def ask(app: ASGIApp, path: str, token: str, times: int = TIMES) -> tuple[list[float], int]:
    """Milliseconds of each answer after the first one, if it is more than one, and how much was found."""
    took = []
    for _ in range(times + 1):
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message, sent: list[Message] = sent) -> None:
            sent.append(message)

        scope = scope_of(path, token)
        began = perf_counter()
        await app(scope, receive, send)
        took.append((perf_counter() - began) * 1000)
        assert sent[0]["status"] == 200, sent
    return took[1:] or took, b"".join(message.get("body", b"") for message in sent).count(b'"marks"')


def _put_people(entries: int, tx: Tx) -> None:
    scopes = (DataScope.ALL, DataScope.SELF, DataScope.DEPARTMENT)
    people.put_organisation(tx, Organisation(ORGANISATION, "示例公司", "bench"))
    people.put_departments(tx, ORGANISATION, [Department(1, "销售一部", managers=(MANAGER,))])
    people.put_roles(tx, ORGANISATION, [Role(nth, scope, scope) for nth, scope in enumerate(scopes, 1)])
    people.put_users(tx, ORGANISATION, [_user(10 + n) for n in range(SELLERS + 1)])
    ids.raise_floor(tx, 1_000)
    for numbers in in_batches(range(entries // OF_A_RECORD), BATCH):
        records.put_records(tx, ORGANISATION, [_lead(1_000 + n, 11 + n % SELLERS) for n in numbers])
    ids.raise_floor(tx, 1_001 + entries // OF_A_RECORD)


def _user(id_: int) -> User:
    role_id = 1 if id_ == 10 else 3 if id_ == MANAGER else 2
    n = id_ - 10
    return User(id_, f"销售{n}", FIRST_DAY, login=f"u{n}", role_id=role_id, department_id=_department(id_))


def _department(user_id: int) -> int | None:
    return 1 if user_id % APIECE == MANAGER % APIECE else None


def _lead(id_: int, owner_id: int) -> Record:
    name = f"示例线索{id_}"
    number = f"1340000{id_ % 10_000:04}"
    more = {
        "name_pinyin": f"shilixiansuo{id_}",
        "company_name": f"线索科技{id_}",
        "details": {"address": {"tel": number}},
    }
    department_id = _department(owner_id)
    return Record(RecordType.LEAD, id_, name, owner_id, owner_id, department_id, FIRST_DAY, FIRST_DAY, **more)  # type: ignore[arg-type]


def _fill(installation: Installation, entries: int, words: list[str]) -> float:
    """Seconds that the writing took."""
    seconds = 0.0
    for drafts in in_batches(_drafts(entries, words), BATCH):
        began = perf_counter()
        installation.database.write(lambda tx, some=drafts: record_many(tx, ORGANISATION, some), ORGANISATION)  # type: ignore[misc]
        seconds += perf_counter() - began
    return seconds


def _drafts(entries: int, words: list[str]) -> Iterator[Draft]:
    rng, weights = Random(1), list(accumulate(1 / (n + 3) for n in range(len(words))))
    for n in range(entries):
        some = rng.choices(words, cum_weights=weights, k=rng.randint(5, 30))
        if n % 3 == 0:
            some[1] = COMMON if n > entries // 3 or n % 2 else LONG_AGO + COMMON
        if n % 100_000 == 777:
            some[2] = RARE
        lead = 1_000 + rng.randrange(entries // OF_A_RECORD)
        at = FIRST_DAY + n * APART
        text = "".join(f" {word} " if word.isascii() else word + "，" * (rng.random() < 0.2) for word in some)
        yield Draft(FOLLOW_UP_WRITTEN, 10, Ref(RecordType.LEAD, lead), at, at, text=text)


def _words() -> list[str]:
    """Words from the most common on, a tenth of them Latin."""
    rng = Random(2)
    signs = [chr(code) for code in rng.sample(range(0x4E00, 0x9FA5), 2_500)]
    syllables = [a + b for a in "bdfgklmnprst" for b in ("a", "e", "i", "o", "u", "an", "in", "er")]
    weights = list(accumulate(1 / (n + 5) for n in range(len(signs))))
    words = []
    for n in range(20_000):
        if n % 10 == 9:
            words.append("".join(rng.choices(syllables, k=rng.randint(1, 4))))
        else:
            words.append("".join(rng.choices(signs, cum_weights=weights, k=rng.choice((1, 2, 2, 2, 2, 3, 4)))))
    return words


if __name__ == "__main__":
    sys.exit(main())
