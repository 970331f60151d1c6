"""Option lists, and what an organisation calls its modules: both are bound late, so old entries follow."""

from dataclasses import replace

from genjin.domain.audit import Act, Subject
from genjin.domain.people import Option, Organisation
from genjin.errors import Duplicate, Invalid, NotFound
from genjin.service.audit import NOTHING, By, Hand, administrator, note
from genjin.service.context import Installation
from genjin.service.organisation.changing import change_organisation
from genjin.service.organisation.defaults import OPTIONS
from genjin.store import ids, people
from genjin.store.transaction import Tx

MAX_LABEL = 100


def list_options(installation: Installation, organisation_id: int) -> list[Option]:
    """All choices of all lists, in the order that they are shown in."""
    return installation.database.read(lambda tx: people.option_list(tx, organisation_id), organisation_id)


def add_option(installation: Installation, by: By, field: str, label: str) -> Option:
    """Add a choice at the end of a list such as `lead.source`; for administrators. Raises Invalid, Duplicate,
    Forbidden.
    """
    hand = administrator(by)
    _check(label)
    if field not in OPTIONS:
        raise Invalid({"field": [f"there is no list {field!r}; there are: {', '.join(OPTIONS)}"]})

    def use(tx: Tx) -> Option:
        there = _free(tx, hand.organisation_id, field, label)
        last = max((each.position for each in there), default=-1)
        return _put(tx, installation, hand, None, Option(ids.allocate(tx)[0], field, label, last + 1))

    return installation.database.write(use, hand.organisation_id)


def rename_option(installation: Installation, by: By, option_id: int, label: str) -> Option:
    """Give a choice another label, wherever it was chosen; for administrators. Raises NotFound, Invalid, Duplicate,
    Forbidden.
    """
    hand = administrator(by)
    _check(label)

    def use(tx: Tx) -> Option:
        before = next((each for each in people.option_list(tx, hand.organisation_id) if each.id == option_id), None)
        if before is None:
            raise NotFound(f"no option {option_id}")
        _free(tx, hand.organisation_id, before.field, label, option_id)
        return _put(tx, installation, hand, before, replace(before, label=label))

    return installation.database.write(use, hand.organisation_id)


def rename_module(installation: Installation, by: By, class_name: str, name: str) -> Organisation:
    """Call a module such as `Lead` otherwise; an empty name is the standard one. For administrators. Raises NotFound,
    Invalid, Forbidden.
    """
    hand = administrator(by)
    if len(name) > MAX_LABEL:
        raise Invalid({"name": [f"is longer than {MAX_LABEL} characters"]})

    def changed(before: Organisation) -> Organisation:
        others = {key: told for key, told in before.module_names.items() if key != class_name}
        return replace(before, module_names=others | ({class_name: name} if name else {}))

    return change_organisation(installation, hand, changed)


def _check(label: str) -> None:
    if not 1 <= len(label.strip()) <= MAX_LABEL:
        raise Invalid({"label": [f"has to have 1 to {MAX_LABEL} characters"]})


def _free(tx: Tx, organisation_id: int, field: str, label: str, option_id: int | None = None) -> list[Option]:
    """The choices of the list, none of which has this label yet."""
    there = [each for each in people.option_list(tx, organisation_id) if each.field == field]
    if any(each.label == label and each.id != option_id for each in there):
        raise Duplicate(f"the list {field} has {label!r} already", "label")
    return there


def _put(tx: Tx, installation: Installation, by: Hand, before: Option | None, after: Option) -> Option:
    people.put_options(tx, by.organisation_id, [after])
    people.bump_version(tx, by.organisation_id)
    if before is None:
        note(tx, installation, by, Act.OPTION_ADDED, Subject(after.id, after.field), NOTHING, {"label": after.label})
    else:
        was, told = {"label": before.label}, {"label": after.label}
        note(tx, installation, by, Act.OPTION_CHANGED, Subject(after.id, after.field), was, told)
    return after
