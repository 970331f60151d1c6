"""Duplicates: looked up before somebody creates one, and refused when somebody does.

By a name everybody of the organisation finds every record: what they may see, and of the rest whose it is. By a number
they find only what they are shown the number of; otherwise one could guess masked numbers. A write that asks for it is
compared with all, and a wrong guess leaves a record behind.
"""

from genjin.domain.duplicates import Concealed, name_key, told_anew
from genjin.domain.field_rights import filtered
from genjin.domain.phones import normal_number
from genjin.domain.records import MERGEABLE, Record, RecordFilter, RecordType, Ref
from genjin.domain.timeline import Page
from genjin.errors import Duplicate
from genjin.service.context import Installation, Session
from genjin.service.visibility import visible_among
from genjin.store import duplicates, records
from genjin.store.transaction import Tx


def find_named(
    installation: Installation, session: Session, type_: RecordType, name: str, page: Page
) -> tuple[list[Record | Concealed], int]:
    """One page of the records of this name, the oldest first, and the number of all."""

    def use(tx: Tx) -> tuple[list[Record | Concealed], int]:
        asked = session.organisation_id, type_, name_key(name)
        ids, total = duplicates.ids_of_name(tx, *asked, page.offset, page.size)
        found = records.find_many(tx, session.organisation_id, [Ref(type_, id_) for id_ in ids])
        seen = visible_among(tx, session, found)
        there = ((ref, found[ref]) for ref in sorted(found))
        return [record if ref in seen else Concealed(record.owner_id) for ref, record in there], total

    return installation.read_for(session, use)


def find_with_number(
    installation: Installation, session: Session, type_: RecordType, number: str, page: Page
) -> tuple[list[Record], int]:
    """The same of the records with this telephone number, of those that the viewer is shown it of.

    Raises Forbidden for who has a field of numbers hidden.
    """
    wanted = RecordFilter(type_, phone=normal_number(number), sort="id", descending=False)
    asked = filtered(session.viewer, wanted)
    if not asked.phone:
        return [], 0
    return installation.read_for(session, lambda tx: records.page(tx, session.viewer, asked, page.offset, page.size))


def refuse_duplicate(tx: Tx, session: Session, after: Record, before: Record | None = None) -> None:
    """Raises Duplicate for a lead or customer, as it was just written, that another one is like; says whose that is.

    The last act of a transaction: what is wrong otherwise is told before, so that a guess is either right or kept.
    """
    if after.type not in MERGEABLE:
        return
    traits = told_anew(after, before, session.viewer.number_fields)
    if (alike := duplicates.first_like(tx, session.organisation_id, after.ref, traits)) is None:
        return
    id_, by_name = alike
    other = records.find(tx, session.organisation_id, Ref(after.type, id_))
    owner = session.directory.users.get(other.owner_id or 0) if other else None
    whose = f"负责人：{owner.name}" if owner else "无负责人"
    raise Duplicate(f"{'名称' if by_name else '电话号码'}与已有的重复，{whose}")
