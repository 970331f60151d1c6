"""What happens to a record in its life, on the wire: handing over, collaborators, merging, approval."""

from collections.abc import Sequence

from genjin.domain.approval import APPROVABLE
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.merge import Merge
from genjin.domain.people import User
from genjin.domain.policy import Viewer
from genjin.domain.record_view import RecordView
from genjin.domain.records import Record, RecordType
from genjin.errors import Invalid, NotFound
from genjin.wire import scalars
from genjin.wire.params import Params, subtree, text
from genjin.wire.records.customer import contact_in_customer
from genjin.wire.records.forms import FORMS
from genjin.wire.records.record import record_to_wire
from genjin.wire.user import user_or_none, user_to_wire


def new_owner(params: Params, singular: str) -> int | None:
    """`user_id`, which may stand in the record's own parameters too; None when it is not told. Raises Invalid."""
    given = params.get("user_id", subtree(params, singular).get("user_id"))
    if scalars.no_id(given):
        return None
    found = scalars.id_or_none(given)
    if found is None:
        raise Invalid({"user_id": ["不是有效的编号"]})
    return found


def collaborators(params: Params, singular: str) -> list[int] | None:
    """`assist_user_ids[]` or `user_ids[]`, which may stand in the record's own parameters too; a list of nothing is
    nobody, and without a list nothing is to change. Raises Invalid.
    """
    for tree in (params, subtree(params, singular)):
        for name in ("assist_user_ids", "user_ids"):
            if name in tree:
                return ids_of(tree, name)
    return None


def ids_of(params: Params, name: str) -> list[int]:
    """A list of ids. Raises Invalid."""
    found = scalars.ids(params.get(name))
    if found is None:
        raise Invalid({name: ["不是有效的编号"]})
    return list(found)


def type_told(params: Params) -> RecordType:
    """`entity_type`: `leads`, `lead` or `Lead`. Raises Invalid."""
    told = text(params, "entity_type").strip().lower()
    for form in FORMS.values():
        if told in (form.singular, form.plural):
            return form.type
    raise Invalid({"entity_type": ["没有这个类型"]})


def note_of(params: Params) -> str:
    """What somebody has to say to it."""
    return text(params, "note").strip()


def approval_told(params: Params) -> tuple[RecordType, str]:
    """What the old web client approves: the type that `key` names, a customer when it names none, and what there is to
    say to it, such as `customer[approve_description]`. Raises Invalid.
    """
    types = {form.singular: form.type for form in FORMS.values() if form.type in APPROVABLE}
    notes = {name: text(subtree(params, name), "approve_description").strip() for name in types}
    key = text(params, "key").strip() or FORMS[RecordType.CUSTOMER].singular
    if key not in types:
        raise Invalid({"key": [f"应为{'、'.join(types)}之一"]})
    return types[key], notes[key]


def lead_told(params: Params) -> int:
    """`lead_id`. Raises NotFound where none is told; Invalid."""
    if scalars.no_id(params.get("lead_id")):
        raise NotFound("no lead is told")
    found = scalars.id_or_none(params.get("lead_id"))
    if found is None:
        raise Invalid({"lead_id": ["不是有效的编号"]})
    return found


def offer_to_wire(offered: Sequence[RecordView], viewer: Viewer, directory: Directory) -> dict[str, JsonValue]:
    """The customer that a lead would become, with its contact: what a customer has, and what a detail adds."""
    customer, *contacts = offered
    return record_to_wire(customer, viewer, directory) | {
        "created_at": "",
        "updated_at": "",
        "contacts": [contact_in_customer(view.record) for view in contacts],
    }


def users_to_wire(users: Sequence[User], directory: Directory) -> list[JsonValue]:
    """Short user objects."""
    return [user_to_wire(user, directory) for user in users]  # type: ignore[misc]


def merge_to_wire(merge: Merge, merged: Record, directory: Directory) -> dict[str, JsonValue]:
    """One row of what was merged into a record."""
    calendar = directory.calendar
    return {
        "id": merge.id,
        "merged_id": merge.merged_id,
        "merged_name": merged.name,
        "merged_at": calendar.minute(merge.merged_at),
        "undone_at": scalars.minute_or_empty(merge.undone_at, calendar),
        "user": user_or_none(merge.merged_by, directory),  # type: ignore[dict-item]
    }
