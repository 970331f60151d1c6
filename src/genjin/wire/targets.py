"""The record that parameters name by its class and id, such as `loggable_type` and `loggable_id`.

What is wrong with them goes into the errors, by the parameter.
"""

from genjin.domain.records import RecordType, Ref
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.modules import type_of_class
from genjin.wire.params import Params, text

Errors = dict[str, list[str]]
_NO_CLASS, _NO_ID, _BLANK = "应为Lead、Customer、Contact、Opportunity或Contract", "不是有效的编号", "不能为空"


def read_target(given: Params, type_key: str, id_key: str) -> Ref:
    """The record that is named. Raises Invalid."""
    errors: Errors = {}
    found = target_in(given, type_key, id_key, errors)
    if found is None:
        raise Invalid(errors)
    return found


def target_in(given: Params, type_key: str, id_key: str, errors: Errors) -> Ref | None:
    """The same where other parameters are read too; None when something is wrong. An id of nothing is 0."""
    type_, id_ = type_of_class(text(given, type_key).strip()), scalars.id_or_zero(given.get(id_key))
    if type_ is None:
        errors[type_key] = [_NO_CLASS]
    if id_ is None:
        errors[id_key] = [_BLANK if given.get(id_key) in (None, "") else _NO_ID]
    return None if type_ is None or id_ is None else Ref(type_, id_)


def asked_type(params: Params, key: str, errors: Errors) -> RecordType | None:
    """The type of the records that a list is asked for; None for any."""
    named = text(params, key).strip()
    type_ = type_of_class(named)
    if named and type_ is None:
        errors[key] = [_NO_CLASS]
    return type_


def asked_id(params: Params, key: str, errors: Errors) -> int | None:
    """An id that a list is asked for; None for any."""
    value = params.get(key)
    if value in (None, "", []):
        return None
    found = scalars.id_or_none(value)
    if found is None:
        errors[key] = [_NO_ID]
    return found
