"""Writes what captured answers show of the organisation and its people: what is bound late, as it was shown last."""

from collections.abc import Sequence
from dataclasses import replace

from genjin.domain.directory import FOLLOW_UP_CATEGORY
from genjin.domain.people import SYSTEM_ID, DataScope, Department, Option, Organisation, Role, User
from genjin.importers.importing import Importing
from genjin.service.directory import load
from genjin.store import ids, people, sync_ids
from genjin.wire.timeline.capture import CapturedActivity, CapturedAnswer


def put_organisation(into: Importing, answer: CapturedAnswer, found: Sequence[CapturedActivity]) -> bool:
    """The organisation, with its modules' names and settings; whether anything changed."""
    organisation_id = into.organisation_id
    before = people.organisation(into.tx, organisation_id)
    organisation = before or Organisation(organisation_id, f"企业{organisation_id}", f"org{organisation_id}")
    names = dict(organisation.module_names)
    for activity in found:
        names |= {
            module: name for module, name in activity.module_names.items() if into.newest.is_last(activity, module)
        }
    after = replace(
        organisation,
        module_names={key: name for key, name in names.items() if name},
        default_image_url=answer.default_image_url or organisation.default_image_url,
        user_config_columns=answer.user_config_columns or organisation.user_config_columns,
    )
    if after == before:
        return False
    people.put_organisation(into.tx, after)
    into.count("organisations", before is None)
    return True


def put_people(into: Importing, found: Sequence[CapturedActivity]) -> bool:
    """The users, with their departments and roles; whether a user changed.

    One who was let in here is somebody else than whom the capture shows under that id: the import is refused.
    """
    directory = load(into.tx, into.organisation_id)
    by_name = {department.name: department.id for department in directory.departments.values()}
    newest = {a.user.id: a for a in found if a.user.id != SYSTEM_ID and into.newest.is_last(a, a.user.id)}
    into.summary.read["users"] += len(newest)
    users: list[User] = []
    synchronised = sync_ids.claimed(into.tx, into.organisation_id, "users", newest)
    for activity in newest.values():
        before = directory.users.get(activity.user.id)
        if before is not None and before.id in synchronised:
            continue  # all of them is told
        if before is not None and not before.from_capture:
            into.problem(f"user {before.id} was let in here and cannot be imported over")
            continue
        if activity.department and activity.department not in by_name:
            fresh = ids.allocate(into.tx)[0]
            by_name[activity.department] = fresh
            people.put_departments(into.tx, into.organisation_id, [Department(fresh, activity.department)])
            into.count("departments", True)
        if activity.user.role_id and activity.user.role_id not in directory.roles:
            role = Role(activity.user.role_id, f"角色{activity.user.role_id}", DataScope.SELF)
            people.put_roles(into.tx, into.organisation_id, [role])
        department_id = by_name.get(activity.department)
        if before and activity.department == directory.department_name(before.department_id):
            department_id = before.department_id
        after = replace(activity.user, department_id=department_id, from_capture=True)
        if before is not None:
            after = _with_what_was_given_here(after, before)
        if after != before:
            users.append(after)
            into.count("users", before is None)
    people.put_users(into.tx, into.organisation_id, users)
    return bool(users)


def _with_what_was_given_here(after: User, before: User) -> User:
    """What no capture tells of a user stays; so do the role and the state of who signs in here, or left here."""
    after = replace(
        after, login=before.login, gender=before.gender, superior_id=before.superior_id, left_at=before.left_at
    )
    if before.login is None and before.left_at is None:
        return after
    return replace(after, role_id=before.role_id, workflow_state=before.workflow_state)


def put_categories(into: Importing, found: Sequence[CapturedActivity]) -> tuple[dict[str, int], bool]:
    """The categories of follow-ups: their ids by their labels, and whether one is new."""
    labels = {activity.category for activity in found if activity.category}
    known = {o.label: o.id for o in people.option_list(into.tx, into.organisation_id) if o.field == FOLLOW_UP_CATEGORY}
    missing = sorted(labels - known.keys())
    fresh = [
        Option(id_, FOLLOW_UP_CATEGORY, label, len(known) + place)
        for place, (id_, label) in enumerate(zip(ids.allocate(into.tx, len(missing)), missing, strict=True))
    ]
    people.put_options(into.tx, into.organisation_id, fresh)
    return known | {option.label: option.id for option in fresh}, bool(fresh)
