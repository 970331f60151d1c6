"""Gives the objects of an upstream their ids here: their own, where nobody has them yet, else fresh ones."""

from collections.abc import Iterable, Mapping, Sequence

from genjin.domain.records import RecordType, Ref
from genjin.importers.synced.bringing import Bringing
from genjin.store import activities, followups, records, sync_ids
from genjin.store.ids import MAX_ID, allocate, raise_floor
from genjin.store.sync_ids import Known

ROOM = 1_000_000
"""Ids that are left for what will be made here; an object with a higher one gets a fresh id."""
OF_RECORDS: Mapping[RecordType, str] = {
    RecordType.LEAD: "leads",
    RecordType.CUSTOMER: "customers",
    RecordType.CONTACT: "contacts",
    RecordType.OPPORTUNITY: "opportunities",
    RecordType.CONTRACT: "contracts",
}
"""What objects of each record type are called in the map."""
DEPARTMENTS, USERS, ROLES, POOLS = "departments", "users", "roles", "pools"
OPTIONS, FIELDS = "options", "custom_fields"
ACTIVITIES, FOLLOW_UPS, CHECK_INS, COMMENTS, FILES = "activities", "follow_ups", "checkins", "comments", "files"
TYPES = (*OF_RECORDS.values(), DEPARTMENTS, USERS, ROLES, POOLS, OPTIONS, FIELDS)
TYPES_OF_ENTRIES = (ACTIVITIES, FOLLOW_UPS, CHECK_INS, COMMENTS, FILES)


def settle(
    into: Bringing, type_: str, upstream_ids: Iterable[int], same: Mapping[int, int] | None = None
) -> dict[int, Known]:
    """What is known of these objects; one that nothing is known of yet has an id here from now on. `same` are our
    objects, by the upstream's ids, which it is where it is not known yet and they are nobody else's.
    """
    wanted = set(upstream_ids)
    known = sync_ids.find(into.tx, into.organisation_id, into.sync_id, type_, wanted)
    if wanted <= known.keys():
        return known
    sync_ids.hold(into.tx, into.organisation_id)
    known = sync_ids.find(into.tx, into.organisation_id, into.sync_id, type_, wanted)  # somebody may have been quicker
    missing = sorted(wanted - known.keys())
    alike = {id_: ours for id_, ours in (same or {}).items() if id_ in wanted and id_ not in known}
    if into.captures:
        alike = {id_: id_ for id_ in _captured(into, type_, missing)} | alike
    taken = sync_ids.claimed(into.tx, into.organisation_id, type_, alike.values()) if alike else set()
    fresh: dict[int, Known] = {}
    for id_, ours in alike.items():
        if ours not in taken:
            fresh[id_] = Known(ours)
            taken.add(ours)
    rest = [id_ for id_ in missing if id_ not in fresh]
    low = [id_ for id_ in rest if id_ <= MAX_ID - ROOM]
    if low:  # first: nobody is given one of them while it is looked who has them
        raise_floor(into.tx, max(low))
    used = sync_ids.in_use(into.tx, into.organisation_id, low, (*TYPES, *TYPES_OF_ENTRIES))
    fresh |= {id_: Known(id_) for id_ in low if id_ not in used}
    others = [id_ for id_ in rest if id_ not in fresh]
    fresh |= {id_: Known(ours) for id_, ours in zip(others, allocate(into.tx, len(others)), strict=True)}
    sync_ids.put(into.tx, into.organisation_id, into.sync_id, type_, fresh)
    return known | fresh


def ours(into: Bringing, type_: str, upstream_ids: Iterable[int]) -> dict[int, int]:
    """Our ids of these objects, by the upstream's; see `settle`."""
    return {id_: known.id for id_, known in settle(into, type_, upstream_ids).items()}


def remember(into: Bringing, type_: str, known: Mapping[int, Known]) -> None:
    """Keep what was put of these objects, by the upstream's ids."""
    sync_ids.put(into.tx, into.organisation_id, into.sync_id, type_, known)


def _captured(into: Bringing, type_: str, ids: Sequence[int]) -> list[int]:
    """Those of these ids that objects have which captured answers brought."""
    tx, organisation_id = into.tx, into.organisation_id
    for record_type, name in OF_RECORDS.items():
        if name == type_:
            found = records.find_many(tx, organisation_id, [Ref(record_type, id_) for id_ in ids])
            return [ref.id for ref, record in found.items() if record.captured is not None]
    if type_ == USERS:
        return [user.id for id_ in ids if (user := into.directory.users.get(id_)) and user.from_capture]
    if type_ == ROLES:
        return [id_ for id_ in ids if id_ in into.directory.roles]
    if type_ == ACTIVITIES:
        return sorted(activities.captured(tx, organisation_id, ids))
    if type_ == FOLLOW_UPS:
        entries = followups.activity_ids(tx, organisation_id, ids)
        captured = activities.captured(tx, organisation_id, list(entries.values()))
        return [id_ for id_, activity_id in entries.items() if activity_id in captured]
    return []
