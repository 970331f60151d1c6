"""Rendered pages of timelines, which are given again, or not sent again, as long as they are right.

Whether one is still right is asked of the database each time, so that no worker gives a stale one.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from hashlib import blake2b
from typing import NamedTuple

from genjin import __version__
from genjin.domain.records import Ref
from genjin.domain.timeline import Page
from genjin.service.context import Installation, Session
from genjin.service.organisation.signin import is_alive, key_of
from genjin.service.timeline.timeline import Admit, TimelineView, open_timeline, seen_record, view_page
from genjin.store.heads import Head
from genjin.store.transaction import Tx

Form = str
"""How an answer is coded, such as `zstd`; empty for plain."""
Key = tuple[bytes, Ref, Page, Form]
"""What an answer is kept under: the hash of the token, the record, the page, and the form."""


class Answer(NamedTuple):
    """A page as it is sent, and what names its content, in any form; None instead of what need not be sent again."""

    body: bytes | None
    tag: str


class Kept(NamedTuple):
    """An answer, and what it was made of. `alone` is the view's."""

    answer: Answer
    moment: object
    session: Session
    head: Head
    alone: bool

    def is_untouched(self, moment: object) -> bool:
        """Whether nothing at all was written since, so that nothing need be asked."""
        return moment is not None and moment == self.moment

    def is_right(self, session: Session, head: Head) -> bool:
        """Whether viewer, record and timeline are what they were; a directory that has changed is another one."""
        return (
            self.alone
            and self.session.viewer is session.viewer
            and self.session.directory is session.directory
            and self.head.stored == head.stored
        )

    @property
    def size(self) -> int:
        """Bytes of the answer."""
        return len(self.answer.body or b"")


class KeptAnswers:
    """Answers that may be given again; at most `size` bytes, the least recently used go first.

    `variant` names the settings that shape them: under others, nobody has the same answer.
    """

    def __init__(self, size: int, variant: str = "") -> None:
        self.variant = variant
        self._size, self._used = size, 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Key) -> Kept | None:
        """What is kept under this key, right or not."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            return kept

    def keep(self, key: Key, fresh: Kept) -> None:
        """Remember an answer, in the place of an earlier one under this key."""
        with self._lock:
            if key in self._kept:
                self._used -= self._kept.pop(key).size
            self._kept[key] = fresh
            self._used += fresh.size
            while self._used > self._size:
                self._used -= self._kept.popitem(last=False)[1].size


class Asked(NamedTuple):
    """Which page of which record's timeline somebody asks for, in which form, and the tags of what they have."""

    token: str
    subject: Ref
    page: Page
    form: Form = ""
    known: Collection[str] = ()


async def answer_timeline(
    installation: Installation,
    asked: Asked,
    render: Callable[[TimelineView], tuple[bytes, bytes]],
    kept: KeptAnswers,
    admit: Admit,
) -> Answer:
    """The page, rendered or kept from an earlier time; without its body where the caller has it.

    `render` gives the plain body and the one in the form that was asked for. Raises Unauthenticated, before
    anything else; NotFound when the record is missing or not visible; what `admit` does.
    """
    organisation_id, token_hash = key_of(asked.token)
    key = token_hash, asked.subject, asked.page, asked.form

    def use(tx: Tx) -> Answer:
        found = kept.find(key)
        if found and found.is_untouched(tx.moment) and is_alive(found.head.token, installation.clock.now()):
            admit(found.session)
            return found.answer
        session, head = open_timeline(tx, installation, organisation_id, token_hash, asked.subject, admit)
        if found and found.is_right(session, head):
            kept.keep(key, found._replace(moment=tx.moment, head=head))
            return found.answer
        record = seen_record(session, asked.subject, head.record)
        tag = _tag_of(kept.variant, head, asked.page)
        if tag in asked.known:
            return Answer(None, tag)
        view = tx.offload(lambda there: view_page(there, session, record, asked.page, head.total), head.token.since)
        plain, body = render(view)
        if not view.alone or view.files.files:
            tag = _digest(plain)
        answer = Answer(body, tag)
        # Links to files end, and lead to where the caller found this server.
        if not view.files.files and (view.alone or tx.moment is not None):
            kept.keep(key, Kept(answer, tx.moment, session, head, view.alone))
        return answer

    answer = await installation.database.read_soon(use, organisation_id)
    return Answer(None, answer.tag) if answer.tag in asked.known else answer


def _tag_of(variant: str, head: Head, page: Page) -> str:
    """Names a page on which no other record has a say and no link ends: it follows from the head alone."""
    token = head.token
    return _digest(repr((__version__, variant, token.user_id, token.version, page, head.stored)).encode())


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=12).hexdigest()
