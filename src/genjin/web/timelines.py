"""The timeline of a record as its page shows it: which entries an address asks for, how many there are of what, and
where the entries before and behind them are.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from genjin.domain.directory import Directory
from genjin.domain.feed import ANY, Counts, Facet, FeedFilter, Key
from genjin.domain.kinds import Group
from genjin.domain.people import SYSTEM_ID
from genjin.domain.records import Ref
from genjin.domain.timeline import Page
from genjin.errors import Forbidden, Invalid
from genjin.service.feed.reading import FeedPage, count_feed, read_feed
from genjin.service.feed.timelines import read_months, read_numbered
from genjin.web.calling import PageCall
from genjin.web.entries import Day, by_day, entries_of
from genjin.web.queries import Address, address_of, query_of
from genjin.web.texts import _
from genjin.web.told import GROUPS, chips
from genjin.wire.v1.feed import FeedQuery, feed_filter
from genjin.wire.v1.refs import TYPE_NAMES
from genjin.wire.v1.times import iso_time, read_moment

SIZE, MOST_NEW = 30, 100
"""Entries of a page, and new ones that are put on top of it."""
FILTERS = ("kind", "actor", "department", "has", "via", "from", "to", "q")
"""What of a feed's filter the page of a record knows."""
_KEY = re.compile("[0-9]{1,11}-[0-9]{1,10}")
_NUMBER = re.compile("[1-9][0-9]{0,6}")


class Choice(NamedTuple):
    """A group of kinds to filter by: its name and label, how many entries it has, whether it is chosen, and the
    address where it is, or is not any more.
    """

    name: str
    label: str
    entries: int
    chosen: bool
    address: Address


class Month(NamedTuple):
    """A month, how many entries the timeline has in it, and the address of a page that begins with its last ones."""

    year: int
    month: int
    entries: int
    address: Address

    @property
    def name(self) -> str:
        """`2024-02`"""
        return f"{self.year:04}-{self.month:02}"


@dataclass(frozen=True)
class Stretch:
    """Entries in a row, the newest first, by days. `newer` and `older` are the addresses of what is around them, and
    `more` that of the older ones for a page that is open. `oldest` is the day that it ends with.
    """

    days: Sequence[Day] = ()
    newer: Address | None = None
    older: Address | None = None
    more: Address | None = None

    @property
    def oldest(self) -> str:
        """The day of the last entry, `2024-02-29`; empty for none."""
        return self.days[-1].date.isoformat() if self.days else ""


@dataclass(frozen=True)
class Timeline:
    """`address` has the filter. `number` is that of the page, where it is known, and `pages` how many there are.
    `total` are the entries that the filter lets through, where `complete` all of them. `newest` is the moment from
    which on entries are new to the page; None where it does not begin with the newest. `chips` say what is asked for
    beside groups of kinds, each with the address that does not.
    """

    subject: str
    address: Address
    stretch: Stretch = Stretch()
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    groups: Sequence[Choice] = ()
    people: Sequence[tuple[int, str, int]] = ()
    departments: Sequence[tuple[int, str]] = ()
    months: Sequence[Month] = ()
    total: int = 0
    complete: bool = True
    number: int | None = None
    pages: int | None = None
    newest: str | None = None
    chips: Sequence[tuple[str, Address]] = ()

    def page_text(self, call: PageCall) -> str:
        """Which page this is; empty where it is not known."""
        if self.number is None:
            return ""
        if self.pages is None:
            return call.say(_("Page %(number)s"), number=self.number)
        return call.say(_("Page %(number)s of %(pages)s"), number=self.number, pages=self.pages)

    @property
    def is_filtered(self) -> bool:
        """Whether not all entries are asked for."""
        return bool(self.address.pairs)

    @property
    def every(self) -> int:
        """How many entries there are of whatever kind."""
        return sum(group.entries for group in self.groups)

    def asked(self, name: str) -> str:
        """What a field of the filter says."""
        return (self.address.values(name) or [""])[-1]


class _Asked(NamedTuple):
    """Where in the timeline a page begins: behind a key, before one, or with a page by its number."""

    cursor: Key | None
    before: Key | None
    number: int | None

    @property
    def is_top(self) -> bool:
        return self.cursor is None and self.before is None and self.number in (None, 1)


def timeline_of(call: PageCall, ref: Ref) -> Timeline:
    """The entries that the address asks for, with all that stands around them. What cannot be asked for is told in
    `errors`. Raises NotFound.
    """
    address, subject = _address(call, ref), _subject(ref)
    try:
        wanted, asked = _filter(call, ref), _asked(call)
        page, stretch, total = _read(call, ref, wanted, asked, address)
        kinds, actors = _counts(call, wanted)
    except (Invalid, Forbidden) as error:
        errors = error.errors if isinstance(error, Invalid) else {"": [str(error)]}
        return Timeline(subject, address, errors=errors, chips=_chips(call, address))
    counted = sum(n for code, n in kinds.by[Facet.KIND].items() if wanted.kinds.allows(code.__eq__))
    directory = call.session.directory
    return Timeline(
        subject,
        address,
        stretch,
        groups=_groups(directory, address, kinds),
        people=_people(directory, actors),
        departments=[(each.id, each.name) for each in directory.tree()],
        months=_months(call, ref, address),
        total=counted if total is None else total,
        complete=total is not None or kinds.reached is None,
        number=1 if asked.is_top else asked.number,
        pages=None if total is None else max(1, -(-total // SIZE)),
        newest=_newest(page, call) if asked.is_top else None,
        chips=_chips(call, address),
    )


def more_of(call: PageCall, ref: Ref) -> Stretch:
    """Entries alone, for a page that is open: those behind a cursor, or `newer` than it has. Raises NotFound, Invalid,
    Forbidden.
    """
    wanted, address = _filter(call, ref), _address(call, ref)
    if newer := call.request.query_params.get("newer"):
        try:
            since = read_moment(newer)
        except ValueError as error:
            raise Invalid({"newer": [str(error)]}) from error
        wanted = replace(wanted, since=max(since, wanted.since or since))
        page = read_feed(call.installation, call.session, wanted, MOST_NEW, fold=True)
        rest = None if page.end is None else address
        return Stretch(by_day(call, entries_of(call, page)), older=rest)
    return _read(call, ref, wanted, _asked(call), address).stretch


def _subject(ref: Ref) -> str:
    return f"{TYPE_NAMES[ref.type]}/{ref.id}"


def _address(call: PageCall, ref: Ref) -> Address:
    """The page of the record with the filter alone."""
    asked = address_of(call.request.scope)
    return Address(f"/{_subject(ref)}", [pair for pair in asked.pairs if pair[0] in FILTERS])


def _filter(call: PageCall, ref: Ref) -> FeedFilter:
    """What is asked for, of this record's timeline. Raises Invalid."""
    told = query_of(FeedQuery, call.request.scope)
    asked = FeedQuery().model_copy(
        update={name: getattr(told, name) for name in ("from_" if each == "from" else each for each in FILTERS)}
    )
    asked = asked.model_copy(update={"subject": [_subject(ref)]})
    return feed_filter(asked, call.viewer.user_id, call.session.directory)


def _asked(call: PageCall) -> _Asked:
    """Raises Invalid for a place that is none."""
    told = {name: call.request.query_params.get(name, "") for name in ("cursor", "before", "page")}
    if told["page"] and not _NUMBER.fullmatch(told["page"]):
        raise Invalid({"page": [_("There is no such page.")]})
    number = int(told["page"]) if told["page"] else None
    return _Asked(_key("cursor", told["cursor"]), _key("before", told["before"]), number)


def _key(name: str, text: str) -> Key | None:
    """`1712166213-1143541100`: the place of an entry by its time. Raises Invalid."""
    if not text:
        return None
    if not _KEY.fullmatch(text):
        raise Invalid({name: [_("There is no such page.")]})
    return Key(*map(int, text.split("-")))


def _key_text(key: Key) -> str:
    return f"{key.moment}-{key.id}"


class _Read(NamedTuple):
    """A page of entries, what is around them, and how many the whole timeline has, where that is known already."""

    page: FeedPage
    stretch: Stretch
    total: int | None = None


def _read(call: PageCall, ref: Ref, wanted: FeedFilter, asked: _Asked, address: Address) -> _Read:
    if asked.before is not None:
        return _read_before(call, wanted, asked.before, asked.number, address)
    if asked.cursor is not None or address.pairs:
        return _read_behind(call, wanted, asked, address)
    number = asked.number or 1
    page, total = read_numbered(call.installation, call.session, ref, Page(number, SIZE))
    newer = address.setting("page", str(number - 1)) if number > 1 else None
    days = by_day(call, entries_of(call, page))
    if page.end is None:
        return _Read(page, Stretch(days, newer), total)
    older, more = address.setting("page", str(number + 1)), address.setting("cursor", _key_text(page.end))
    return _Read(page, Stretch(days, newer, older, more), total)


def _read_behind(call: PageCall, wanted: FeedFilter, asked: _Asked, address: Address) -> _Read:
    """The entries behind a place, or from the newest on."""
    page = read_feed(call.installation, call.session, wanted, SIZE, asked.cursor, fold=True)
    number = 1 if asked.is_top else asked.number
    older = None if page.end is None else _at(address, "cursor", page.end, number, 1)
    newer = None if asked.cursor is None else _at(address, "before", _first(page) or asked.cursor, number, -1)
    return _Read(page, Stretch(by_day(call, entries_of(call, page)), newer, older, older))


def _read_before(call: PageCall, wanted: FeedFilter, before: Key, number: int | None, address: Address) -> _Read:
    """The entries before a place. They are read from there on, and shown the other way round."""
    page = read_feed(call.installation, call.session, wanted, SIZE, before, newest=False, fold=True)
    days = [Day(day.date, day.entries[::-1]) for day in by_day(call, entries_of(call, page))[::-1]]
    newer = address if page.end is None else _at(address, "before", page.end, number, -1)
    older = _at(address, "cursor", _first(page) or before, number, 1)
    return _Read(page, Stretch(days, newer, older, older))


def _first(page: FeedPage) -> Key | None:
    return next((Key(facts.at, facts.id) for facts in page.views.entries), None)


def _at(address: Address, name: str, key: Key, number: int | None, step: int) -> Address:
    """The same filter at a place; the number of the page goes along where it is known."""
    at = address.setting(name, _key_text(key))
    return at if number is None or number + step < 1 else at.setting("page", str(number + step))


def _counts(call: PageCall, wanted: FeedFilter) -> tuple[Counts, Counts]:
    """How much there is of each kind, and by whom, of what the rest of the filter lets through."""
    by_kind, by_actor = replace(wanted, kinds=ANY), replace(wanted, actors=ANY)
    if by_kind == by_actor:
        both = count_feed(call.installation, call.session, wanted, (Facet.KIND, Facet.ACTOR))
        return both, both
    kinds = count_feed(call.installation, call.session, by_kind, (Facet.KIND,))
    return kinds, count_feed(call.installation, call.session, by_actor, (Facet.ACTOR,))


def _chips(call: PageCall, address: Address) -> list[tuple[str, Address]]:
    """What the address asks for, but for groups of kinds, which have chips of their own."""
    groups = [("kind", name) for name in GROUPS]
    return [
        (text, Address(address.path, [*without.pairs, *(pair for pair in address.pairs if pair in groups)]))
        for text, without in chips(call, Address(address.path, [pair for pair in address.pairs if pair not in groups]))
    ]


def _groups(directory: Directory, address: Address, counts: Counts) -> list[Choice]:
    found = dict.fromkeys(Group, 0)
    for code, number in counts.by[Facet.KIND].items():
        found[directory.kind(code).group] += number
    return [
        Choice(name, label, found[Group(name)], address.has("kind", name), address.toggling("kind", name))
        for name, label in GROUPS.items()
    ]


def _people(directory: Directory, counts: Counts) -> list[tuple[int, str, int]]:
    """Ids, names, and how many entries are theirs."""
    return [
        (id_, directory.users[id_].name, number)
        for id_, number in counts.by[Facet.ACTOR].items()
        if id_ != SYSTEM_ID and id_ in directory.users
    ]


def _months(call: PageCall, ref: Ref, address: Address) -> list[Month]:
    _ref, months = read_months(call.installation, call.session, ref)
    return [
        Month(year, month, entries, address.setting("cursor", _key_text(Key(until, 0))))
        for year, month, _since, until, entries in months
    ]


def _newest(page: FeedPage, call: PageCall) -> str:
    """When the first item of a page begins; empty for a page without any."""
    first = next(iter(page.views.entries), None)
    if first is None:
        return ""
    return iso_time(min(facts.at for facts in page.folded.get(first.id, (first,))), call.calendar)
