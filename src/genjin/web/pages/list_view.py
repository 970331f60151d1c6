"""What list of records an address asks for, and the addresses of those beside it: with another filter, order or page.
The address is the view: who is sent it sees the same list, as far as they may.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import orjson

from genjin.domain.cursor import seal, unseal
from genjin.domain.directory import STATUS_LISTS
from genjin.domain.feed import Choice
from genjin.domain.policy import may_use_pool
from genjin.domain.pools import Pool
from genjin.domain.record_list import RecordKey, RecordsAsked
from genjin.domain.records import RecordType
from genjin.errors import Invalid
from genjin.web.calling import PageCall
from genjin.web.columns import Column, columns_for, main_columns
from genjin.web.queries import Address, address_of, query_in
from genjin.web.texts import _
from genjin.wire.v1.feed import NOT
from genjin.wire.v1.record import RecordsQuery, records_asked
from genjin.wire.v1.refs import TYPE_NAMES, TypeName

PAGE = 50
MOST_BACK = 20
"""So many pages somebody without scripts goes back, one by one."""
BACK, COLUMNS, SELECT, SILENT_DAYS = "back", "columns", "select", "silent_days"
FIRST = "-"
"""The place of the first page in a list of places."""
_FILTERS = RecordsQuery.model_fields.keys() - {"cursor", "limit", "sort", "order"}
_SPANS = (
    ("last_activity", _("Last activity")),
    ("next_due", _("Next reminder")),
    ("last_follow_up", _("Last follow-up")),
    ("last_call", _("Last call")),
    ("last_visit", _("Last visit")),
)
Pairs = Sequence[tuple[str, str]]


class QuickView(NamedTuple):
    """A list that is asked for often: its label, and its filters."""

    label: str
    pairs: Pairs


class ActiveFilter(NamedTuple):
    """One filter that is on: what it says, and the address without it."""

    label: str
    value: str
    without: Address


@dataclass(frozen=True)
class ListView:
    """What somebody looks at: the list that the address asks for, and the addresses of lists beside it.

    `address` is that of its first page.
    """

    call: PageCall
    type: RecordType
    address: Address
    query: RecordsQuery
    asked: RecordsAsked
    errors: Mapping[str, Sequence[str]]
    pool: Pool | None = None

    @property
    def name(self) -> TypeName:
        """`leads`, ..."""
        return TYPE_NAMES[self.type]

    @cached_property
    def offered(self) -> Mapping[str, Column]:
        """The columns that may be chosen."""
        return columns_for(self.type, self.call.viewer, self.call.session.directory)

    @cached_property
    def columns(self) -> Sequence[Column]:
        """Those that are shown: as the address says, else as this person has chosen, else the main ones."""
        told = self.value(COLUMNS) or self.call.request.cookies.get(cookie_of(self.call, self.name), "")
        chosen = [self.offered[name] for name in dict.fromkeys(["name", *told.split(".")]) if name in self.offered]
        return chosen if len(chosen) > 1 else main_columns(self.type, self.offered)

    def to(self, **changed: str | None) -> Address:
        """The address of this list with other parameters; None for without. It begins at the first page."""
        address = self.address
        for name, value in changed.items():
            address = address.setting(name, value)
        return address

    def sorted_by(self, column: Column) -> Address:
        """The address of this list sorted by a column; the other way round where it is already."""
        first = "asc" if column.look == "due" else "desc"
        other = "asc" if self.query.order == "desc" else "desc"
        return self.to(sort=column.sort, order=other if self.query.sort == column.sort else first)

    @property
    def here(self) -> Address:
        """The address of this list, at this page."""
        return self._at_page(self.query.cursor, self._passed)

    @property
    def is_first(self) -> bool:
        """Whether this is the first page."""
        return self.query.cursor is None

    def behind(self, key: RecordKey) -> Address:
        """The address of the page that begins behind a record."""
        cursor = seal(self.call.door.secret, self._bound, key)
        return self._at_page(cursor, [*self._passed, self.query.cursor or FIRST][-MOST_BACK:])

    @property
    def before(self) -> Address | None:
        """The address of the page before this one; None where it is not known."""
        *passed, last = self._passed or [""]
        return self._at_page(None if last == FIRST else last, passed) if last else None

    def key(self) -> RecordKey | None:
        """The place in the list that the cursor leads to. Raises BadCursor."""
        if self.query.cursor is None:
            return None
        value, id_ = unseal(self.call.door.secret, self._bound, self.query.cursor)
        return RecordKey(None if value is None else int(value), int(str(id_)))

    @cached_property
    def quick(self) -> Sequence[QuickView]:
        """The lists that are asked for often."""
        today = self.call.calendar.local(self.call.now).date().isoformat()
        every, silent = QuickView(_("All"), ()), QuickView(_("Silent for 14 days"), (("silent_for", "14d"),))
        if self.pool is not None:
            return [every, silent]
        mine, due = QuickView(_("Mine"), (("owner", "me"),)), QuickView(_("Due today"), (("next_due_before", today),))
        return [every, mine, silent, due, QuickView(_("Nobody's"), (("owner", "none"),))]

    def is_open(self, view: QuickView) -> bool:
        """Whether the list has just the filters of a quick view."""
        return sorted(self._filters) == sorted(view.pairs)

    def open(self, view: QuickView) -> Address:
        """The address of a quick view, with the columns and order of this list."""
        kept = [pair for pair in self.address.pairs if pair[0] in (COLUMNS, "sort", "order")]
        return Address(self.address.path, [*view.pairs, *kept])

    @cached_property
    def active(self) -> Sequence[ActiveFilter]:
        """The filters that are on, but the text that is typed."""
        shown = [pair for pair in self._filters if pair[0] != "q"]
        return [ActiveFilter(*_said(self.call, self.type, *pair), self.address.dropping(*pair)) for pair in shown]

    @property
    def spans(self) -> Sequence[tuple[str, str]]:
        """The times by which the list is filtered: their names and labels."""
        return _SPANS

    def value(self, name: str) -> str:
        """The first value of a parameter."""
        return next(iter(self.address.values(name)), "")

    @property
    def silent_days(self) -> str:
        """For how many days nothing has happened, empty for any."""
        told = self.value("silent_for")
        return told.removesuffix("d") if told.endswith("d") else ""

    @property
    def exported(self) -> Address:
        """The address of a download of what is shown, which is yet to be told as what."""
        columns = ".".join(column.name for column in self.columns)
        address = self.to(columns=columns).at(f"/{self.name}/download")
        return address if self.pool is None else address.setting("pool", str(self.pool.id))

    @property
    def _filters(self) -> Pairs:
        return [pair for pair in self.address.pairs if pair[0] in _FILTERS]

    @property
    def _passed(self) -> list[str]:
        return self.call.request.query_params.get(BACK, "").split()

    def _at_page(self, cursor: str | None, passed: Sequence[str]) -> Address:
        return self.to(cursor=cursor, back=" ".join(passed) or None) if cursor else self.address

    @property
    def _bound(self) -> str:
        asked = sorted(pair for pair in self.address.pairs if pair[0] in _FILTERS or pair[0] in ("sort", "order"))
        return orjson.dumps([self.call.session.organisation_id, f"page {self.address.path}", asked]).decode()


def view_asked(call: PageCall, type_: RecordType, pool: Pool | None = None) -> ListView:
    """The list that the address asks for, of a pool only what lies in it. What is wrong with it is in `errors`, and
    then it is a list of nothing.
    """
    address = address_of(call.request.scope).without(BACK, SELECT, "csrf", "format")
    if days := next(iter(address.values(SILENT_DAYS)), ""):
        address = address.without(SILENT_DAYS).setting("silent_for", f"{days}d")
    errors = dict[str, list[str]]()
    query, asked = RecordsQuery(), RecordsAsked(type_)
    try:
        query = query_in(RecordsQuery, address.setting("cursor", call.request.query_params.get("cursor") or None).pairs)
        asked = records_asked(query, type_, call.viewer.user_id, call.session.directory, call.now)
    except Invalid as error:
        errors = error.errors
    if pool is not None:
        asked = replace(asked, pools=Choice(frozenset({pool.id})))
    return ListView(call, type_, address, query, asked, errors, pool)


def cookie_of(call: PageCall, type_: TypeName) -> str:
    """The cookie in which somebody's columns are kept."""
    return f"columns_{type_}_{call.viewer.user_id}"


def _said(call: PageCall, type_: RecordType, name: str, value: str) -> tuple[str, str]:
    """A filter in words."""
    directory, wanted = call.session.directory, value.removeprefix(NOT)
    said = wanted
    if name == "owner":
        label, user = _("Owner"), directory.users.get(int(wanted) if wanted.isdigit() else 0)
        said = {"me": call.say(_("me")), "none": call.say(_("nobody"))}.get(wanted) or (user.name if user else wanted)
    elif name == "department":
        label, said = _("Department"), directory.department_name(int(wanted)) or wanted
    elif name == "status":
        label = _("Stage") if type_ is RecordType.OPPORTUNITY else _("Status")
        said = directory.label(STATUS_LISTS.get(type_, ""), wanted) or wanted
    elif name == "pool":
        pool = directory.pools.get(int(wanted) if wanted.isdigit() else 0)
        label, said = _("Pool"), pool.name if pool and may_use_pool(call.viewer, pool.id) else wanted
    elif name == "silent_for":
        label, number = _("Silent"), wanted[:-1]
        said = call.say(_("%(number)s days") if wanted.endswith("d") else _("%(number)s hours"), number=number)
    else:
        span, _way, way = name.rpartition("_")
        label = dict(_SPANS).get(span, name)
        said = call.say(_("from %(day)s") if way == "after" else _("until %(day)s"), day=wanted)
    return call.say(label), f"≠ {said}" if value.startswith(NOT) else said
