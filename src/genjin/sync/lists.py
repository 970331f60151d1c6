"""Brings the lists: people and forms whole, records page by page; timelines become due because of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

from genjin.client import Client, Refused, Unexpected, contract
from genjin.client.contract import RawPage
from genjin.client.errors import Busy, TooOften
from genjin.domain.json import JsonValue
from genjin.domain.records import RecordType
from genjin.domain.sync import Misfit, Unit
from genjin.importers.synced.bringing import Bringing
from genjin.importers.synced.forms import put_categories, put_custom_fields
from genjin.importers.synced.people import put_departments, put_users
from genjin.importers.synced.pools import put_pools
from genjin.importers.synced.records import put_records, take_away_records
from genjin.store import syncs
from genjin.sync.keeping import Keeper
from genjin.sync.reading import MOST_WALKS, digest, do, pages, read_whole
from genjin.wire.scalars import MAX_ID
from genjin.wire.v1.refs import TYPES, TypeName

LISTS: tuple[TypeName, ...] = ("customers", "leads", "contacts", "opportunities", "contracts")
"""Customers first: the others point at them."""
WITH_TIMELINES = ("customers", "leads")
FORMS: Mapping[str, RecordType | None] = {
    "customer": RecordType.CUSTOMER,
    "lead": RecordType.LEAD,
    "contact": RecordType.CONTACT,
    "opportunity": RecordType.OPPORTUNITY,
    "contract": RecordType.CONTRACT,
    "revisit_log": None,
}
"""The forms that have custom fields, by their names there."""
LATEST_BY: Mapping[str, tuple[str, ...]] = dict.fromkeys(LISTS, ("updated_at",)) | dict.fromkeys(
    WITH_TIMELINES, ("updated_at", "last_called_at")
)
"""What lists are sorted by for what has changed; a server that does not know one sorts as it always does."""
LEFT = {"with_left": "true"}
"""Asks Genjin for colleagues who have left, too; others do not look at it."""
AT_ONCE = 5
"""Pages that are put together."""
FEW = 20
"""So many records may vanish at once; of more, a tenth of the list. What is beyond is told, and left here."""
Tell = Callable[[int, int], object]
"""Is called with how much of how much has been brought."""
_POINTS_AT_CUSTOMER = ("customer_id", "turned_customer_id")
_VOLATILE = ("_str", "_url", "will_flow_time")
"""Ends of the names of what differs from one answer to the next, though nothing has changed."""


def bring_people(keeper: Keeper, client: Client) -> list[str]:
    """Departments, users, custom fields, categories and pools. What is strange about them, in words. Raises
    ClientError.
    """
    strange = list[str]()
    told_by = partial(_told, keeper, client, strange)
    departments = told_by("departments", "/api/v2/user/department_list")
    rows = departments.get("departments") if isinstance(departments, dict) else departments
    if isinstance(rows, list):
        _put_whole(keeper, "departments", rows, put_departments)
    else:
        strange.append("departments: the server does not tell them")
    walk = read_whole(lambda number: do(client, contract.raw_page("/api/v2/user/list", "users", number, asked=LEFT)))
    if walk.short:
        strange.append(f"users: the list says {walk.total} and shows {len(walk.items)}, however often it is read")
    _put_whole(keeper, "users", walk.items, put_users)
    for name, type_ in FORMS.items():
        told = told_by(f"fields.{name}", f"/api/v2/custom_fields/{name}/by_group")
        if told is not None:
            _put_whole(keeper, f"fields.{name}", [told], partial(_put_fields, type_))
    told = told_by("options", "/api/v2/field_maps/revisit_logs")
    if told is not None:
        _put_whole(keeper, "options", [told], lambda into, some: put_categories(into, some[0]))
    for name in WITH_TIMELINES:
        told = told_by(f"pools.{name}", f"/api/v2/common_{name}/common_settings")
        pools = told.get("common_settings") if isinstance(told, dict) else None
        if isinstance(pools, list):
            _put_whole(keeper, f"pools.{name}", pools, partial(_put_pools, TYPES[name]))
    return strange


def bring_records(keeper: Keeper, client: Client, name: TypeName, full: bool, tell: Tell) -> list[str]:
    """The records of a type: all that have changed since the last time, or all when there was none, or it was cut off,
    or the list is longer or shorter than what is known. What is strange about it, in words. Raises ClientError.
    """
    unit = keeper.unit(name)
    if "walk" not in unit.state and "walked" in unit.state and not unit.state.get("short") and not full:
        total = _bring_changed(keeper, client, name, int(str(unit.state["walked"])))
        if total == _count(keeper, name, 0):
            keeper.put_unit(replace(unit, read_at=keeper.now(), total=total))
            return []
    return _walk(keeper, client, name, tell)


def _put_fields(type_: RecordType | None, into: Bringing, some: Sequence[JsonValue]) -> None:
    put_custom_fields(into, type_, some[0])


def _put_pools(type_: RecordType, into: Bringing, some: Sequence[JsonValue]) -> None:
    put_pools(into, type_, some)


def _told(keeper: Keeper, client: Client, strange: list[str], unit: str, path: str) -> JsonValue:
    """What a path tells that not every server knows; None where it is refused. What does not fit is kept as it came,
    and it is strange when the server should have told and could not.
    """
    try:
        told: JsonValue = do(client, contract.call("GET", path))
        return told
    except Refused as error:
        if isinstance(error, TooOften) or error.code in (100401, 100402):
            raise
        if isinstance(error, Busy):
            strange.append(f"{unit}: {error}")
    except Unexpected as error:
        if error.status == 200:
            keeper.keep(unit, Misfit("", str(error), error.raw.decode(errors="replace")))
    return None


def _put_whole(
    keeper: Keeper, name: str, items: Sequence[JsonValue], put: Callable[[Bringing, Sequence[JsonValue]], object]
) -> None:
    def use(into: Bringing) -> None:
        put(into, items)
        unit = Unit(name, read_at=into.now, total=len(items))
        syncs.put_units(into.tx, into.organisation_id, into.sync_id, [unit])
        syncs.put_misfits(into.tx, into.organisation_id, into.sync_id, name, into.now, into.misfits)

    keeper.write_or_keep(use, name, list(items))


def _bring_changed(keeper: Keeper, client: Client, name: TypeName, walked: int) -> int | None:
    """What has changed lately, by each order of the list until a page has nothing new; how long the list is."""
    total = None
    for sort in LATEST_BY[name]:
        for number, page in pages(_reader(client, name, sort)):
            total = page.total
            if not _put_pages(keeper, name, walked, {number: page}, f"{name}+{sort}"):
                break
    return total


def _walk(keeper: Keeper, client: Client, name: TypeName, tell: Tell) -> list[str]:
    """All of a list, from where the last run was cut off; afterwards what it has not shown is gone there."""
    unit = keeper.unit(name)
    began = max(keeper.now(), int(str(unit.state.get("walked", 0))) + 1)
    number, total, cut_off = 1, None, unit.state.get("walk")
    if isinstance(cut_off, dict):
        began, number, total = (int(str(cut_off[key])) for key in ("began", "number", "total"))
    else:
        for mark in "?+":
            keeper.write(partial(_forget_misfits, f"{name}{mark}"))
    listed = before = 0
    for _ in range(MOST_WALKS):
        walk = pages(_reader(client, name, "created_at"), number, total)
        while some := dict(islice(walk, AT_ONCE)):
            last = max(some)
            total = some[last].total
            state: dict[str, JsonValue] = {"walk": {"began": began, "number": last + 1, "total": total}}
            if "walked" in unit.state:
                state["walked"] = unit.state["walked"]
            _put_pages(keeper, name, began, some, f"{name}?", Unit(name, state=state))
            tell(min(last * some[last].step, total), total)
        number, total_told, total = 1, total or 0, None
        before, listed = listed, _count(keeper, name, began)
        if listed >= total_told or listed == before:  # to read it once more would be of no use
            break
    return _settle(keeper, name, began, listed, total_told)


def _forget_misfits(prefix: str, into: Bringing) -> None:
    syncs.forget_misfits(into.tx, into.organisation_id, into.sync_id, prefix)


def _settle(keeper: Keeper, name: TypeName, began: int, listed: int, total: int) -> list[str]:
    gone = keeper.read(
        lambda tx: syncs.listed_units(
            tx, keeper.organisation_id, keeper.sync.id, name, "", max(FEW, total // 10) + 1, before=began
        )
    )
    strange = list[str]()
    if listed < total:
        strange.append(f"{name}: the list says {total} and shows {listed}, however often it is read")
    elif len(gone) > max(FEW, total // 10):
        strange.append(f"{name}: more than {len(gone) - 1} are not in the list any more, and are kept here")

    def use(into: Bringing) -> None:
        if not strange:
            take_away_records(into, TYPES[name], [int(unit.name.partition("/")[2]) for unit in gone])
            left = [replace(unit, listed_at=None, listed=None, due_at=None) for unit in gone]
            syncs.put_units(into.tx, into.organisation_id, into.sync_id, left)
        unit = Unit(name, read_at=into.now, total=total, state={"walked": began, "short": listed < total})
        syncs.put_units(into.tx, into.organisation_id, into.sync_id, [unit])

    keeper.write(use)
    return strange


def _count(keeper: Keeper, name: str, since: int) -> int:
    return keeper.read(lambda tx: syncs.count_listed(tx, keeper.organisation_id, keeper.sync.id, name, since))


def _reader(client: Client, name: TypeName, sort: str) -> Callable[[int], RawPage]:
    path, asked = f"/api/v2/{name}", {"sort": sort, "order": "desc"}
    return lambda number: do(client, contract.raw_page(path, name, number, asked=asked))


def _put_pages(
    keeper: Keeper, name: TypeName, at: int, some: Mapping[int, RawPage], misfits: str, list_: Unit | None = None
) -> bool:
    """Put some pages of a list; whether one has something new. Pages that cannot be put are kept as they came."""
    put, raw = _putting(name, at, some, misfits, list_), [item for page in some.values() for item in page.items]
    has_new = keeper.write_or_keep(put, f"{misfits}{min(some)}", raw)
    if has_new is None and list_ is not None:
        keeper.put_unit(list_)
    return has_new is not False


def _putting(
    name: TypeName, listed_at: int, some: Mapping[int, RawPage], misfits: str, list_: Unit | None = None
) -> Callable[[Bringing], bool]:
    """Puts some pages of a list, and what is known of it then; whether one has something new."""

    def use(into: Bringing) -> bool:
        keys = into.tx, into.organisation_id, into.sync_id
        seen = dict[str, JsonValue]()
        for number, page in some.items():
            into.misfits.clear()
            put_records(into, TYPES[name], page.items)
            for item in page.items:
                if (id_ := _id(item, "id")) is not None:
                    seen[f"{name}/{id_}"] = item
            if into.misfits:
                syncs.put_misfits(*keys, f"{misfits}{number}", into.now, into.misfits)
        known = syncs.find_units(*keys, list(seen))
        units, changed = dict[str, Unit](), list[JsonValue]()
        for unit_name, item in seen.items():
            was, listed = known.get(unit_name) or Unit(unit_name), digest(_lasting(item))
            is_new = was.listed != listed
            due_at = into.now if is_new and name in WITH_TIMELINES else was.due_at
            units[unit_name] = replace(was, listed_at=listed_at, listed=listed, due_at=due_at)
            changed += [item] if is_new else []
        units |= _due_with(into, changed, units)
        syncs.put_units(*keys, [*units.values(), *([list_] if list_ else [])])
        return bool(changed)

    return use


def _due_with(into: Bringing, changed: Iterable[JsonValue], units: Mapping[str, Unit]) -> dict[str, Unit]:
    """The customers that have these records, whose timelines show what happened to them."""
    names = {f"customers/{id_}" for item in changed for key in _POINTS_AT_CUSTOMER if (id_ := _id(item, key))}
    known = syncs.find_units(into.tx, into.organisation_id, into.sync_id, sorted(names - units.keys()))
    return {name: replace(unit, due_at=into.now) for name, unit in known.items() if unit.due_at is None}


def _id(item: JsonValue, key: str) -> int | None:
    id_ = item.get(key) if isinstance(item, dict) else None
    return id_ if type(id_) is int and 0 < id_ <= MAX_ID else None


def _lasting(item: JsonValue) -> JsonValue:
    if not isinstance(item, dict):
        return item
    return {key: value for key, value in item.items() if not key.endswith(_VOLATILE)}
