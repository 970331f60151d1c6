"""Option lists, and what an organisation calls its modules: both are bound late, so old entries follow."""

from dataclasses import replace

from genjin.domain.people import Option, Organisation
from genjin.errors import Duplicate, Invalid, NotFound
from genjin.service.context import Installation
from genjin.service.organisation.defaults import OPTIONS
from genjin.store import ids, people
from genjin.store.transaction import Tx

MAX_LABEL = 100


def list_options(installation: Installation, organisation_id: int) -> list[Option]:
    """All choices of all lists, in the order that they are shown in."""
    return installation.database.read(lambda tx: people.option_list(tx, organisation_id), organisation_id)


def add_option(installation: Installation, organisation_id: int, field: str, label: str) -> Option:
    """Add a choice at the end of a list such as `lead.source`. Raises Invalid, Duplicate."""
    _check(label)
    if field not in OPTIONS:
        raise Invalid({"field": [f"there is no list {field!r}; there are: {', '.join(OPTIONS)}"]})

    def use(tx: Tx) -> Option:
        there = _free(tx, organisation_id, field, label)
        last = max((each.position for each in there), default=-1)
        return _put(tx, organisation_id, Option(ids.allocate(tx)[0], field, label, last + 1))

    return installation.database.write(use, organisation_id)


def rename_option(installation: Installation, organisation_id: int, option_id: int, label: str) -> Option:
    """Give a choice another label, wherever it was chosen. Raises NotFound, Invalid, Duplicate."""
    _check(label)

    def use(tx: Tx) -> Option:
        before = next((each for each in people.option_list(tx, organisation_id) if each.id == option_id), None)
        if before is None:
            raise NotFound(f"no option {option_id}")
        _free(tx, organisation_id, before.field, label)
        return _put(tx, organisation_id, replace(before, label=label))

    return installation.database.write(use, organisation_id)


def rename_module(installation: Installation, organisation_id: int, class_name: str, name: str) -> Organisation:
    """Call a module such as `Lead` otherwise; an empty name is the standard one. Raises NotFound, Invalid."""
    if len(name) > MAX_LABEL:
        raise Invalid({"name": [f"is longer than {MAX_LABEL} characters"]})

    def use(tx: Tx) -> Organisation:
        before = people.organisation(tx, organisation_id)
        if before is None:
            raise NotFound(f"no organisation {organisation_id}")
        others = {key: told for key, told in before.module_names.items() if key != class_name}
        after = replace(before, module_names=others | ({class_name: name} if name else {}))
        people.put_organisation(tx, after)
        people.bump_version(tx, organisation_id)
        return after

    return installation.database.write(use, organisation_id)


def _check(label: str) -> None:
    if not 1 <= len(label.strip()) <= MAX_LABEL:
        raise Invalid({"label": [f"has to have 1 to {MAX_LABEL} characters"]})


def _free(tx: Tx, organisation_id: int, field: str, label: str) -> list[Option]:
    """The choices of the list, none of which has this label yet."""
    there = [each for each in people.option_list(tx, organisation_id) if each.field == field]
    if any(each.label == label for each in there):
        raise Duplicate(f"the list {field} has {label!r} already")
    return there


def _put(tx: Tx, organisation_id: int, option: Option) -> Option:
    people.put_options(tx, organisation_id, [option])
    people.bump_version(tx, organisation_id)
    return option
