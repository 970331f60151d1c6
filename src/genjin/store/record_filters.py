"""What a list of records is asked for, as conditions of its query."""

from sqlalchemy import ColumnElement, Text, and_, cast, func, not_, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB

from genjin.domain.approval import Approval
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordFilter, RecordType
from genjin.store.tables import phones, records
from genjin.store.visible import assists, numbers_shown, subordinates_assist

_EQUAL = ("owner_id", "department_id", "status", "source", "category", "pool_id", "customer_id")
_SPANS = {"created": "created_at", "updated": "updated_at", "said_followed_up": "said_followed_up_at"}


def there(organisation_id: int, type_: RecordType) -> ColumnElement[bool]:
    """The records of one type that are neither deleted nor merged."""
    return and_(
        records.c.organisation_id == organisation_id,
        records.c.type == int(type_),
        records.c.deleted_at.is_(None),
        records.c.merged_into_id.is_(None),
    )


def conditions(viewer: Viewer, wanted: RecordFilter, engine: str) -> list[ColumnElement[bool]]:
    """All that the records of a list fulfil, besides being visible."""
    columns = records.c
    some = [columns.type == int(wanted.type), columns.merged_into_id.is_(None)]
    some.append(columns.deleted_at.is_not(None) if wanted.tab == "deleted" else columns.deleted_at.is_(None))
    some.append(_in_tab(viewer, wanted.tab))
    some += [columns[name] == value for name in _EQUAL if (value := getattr(wanted, name)) is not None]
    for name, column in _SPANS.items():
        if (span := getattr(wanted, name)) is not None:
            some += [columns[column] >= span[0], columns[column] < span[1]]
    if wanted.approve_status is not None:
        # What was never asked to be approved is as good as approved.
        some.append(func.coalesce(columns.approve_status, Approval.APPROVED.value) == wanted.approve_status)
    if wanted.opportunity_id is not None:
        some.append(_with_opportunity(viewer, wanted.type, wanted.opportunity_id))
    if wanted.has_phone is not None:
        some.append(_has_number() if wanted.has_phone else not_(_has_number()))
    if wanted.phone:
        some += [_has_number(wanted.phone), numbers_shown(viewer)]
    if wanted.query:
        some.append(_matches(viewer, wanted, engine))
    return some


def named(viewer: Viewer, type_: RecordType, text: str, field: str = "") -> ColumnElement[bool]:
    """Of which the text is a part of the name or of the company's, or of the pinyin of either; or only of the one
    `field` of these. Who has the company hidden finds nothing by it.
    """
    names = [field] if field else ["name"]
    if not field and f"{type_.name.lower()}.company_name" not in viewer.rights.hidden:
        names.append("company_name")
    told: list[ColumnElement[str]] = [records.c[each] for name in names for each in (name, f"{name}_pinyin")]
    return or_(*(each.icontains(text, autoescape=True) for each in told))


def _in_tab(viewer: Viewer, tab: str) -> ColumnElement[bool]:
    owner = records.c.owner_id
    match tab:
        case "my":
            return owner == viewer.user_id
        case "sub":
            return owner != viewer.user_id  # which nothing is of what has no owner
        case "common":
            return records.c.pool_id.is_not(None)
        case "assist" | "my_assist":
            return assists(viewer)
        case "sub_assist":
            return subordinates_assist(viewer)
        case _:
            return true()


def _with_opportunity(viewer: Viewer, type_: RecordType, opportunity_id: int) -> ColumnElement[bool]:
    """A contract that came of it; of other types what belongs to the same customer."""
    if type_ is RecordType.CONTRACT:
        return records.c.opportunity_id == opportunity_id
    asked = records.alias("asked")
    return records.c.customer_id.in_(
        select(asked.c.customer_id).where(
            asked.c.organisation_id == viewer.organisation_id,
            asked.c.type == int(RecordType.OPPORTUNITY),
            asked.c.id == opportunity_id,
        )
    )


def _has_number(number: str = "") -> ColumnElement[bool]:
    known = select(phones.c.number).where(
        phones.c.organisation_id == records.c.organisation_id,
        phones.c.record_type == records.c.type,
        phones.c.record_id == records.c.id,
    )
    return (known.where(phones.c.number == number) if number else known).exists()


def _matches(viewer: Viewer, wanted: RecordFilter, engine: str) -> ColumnElement[bool]:
    """What is searched for is a part of the names, or of the one field that is named."""
    field = wanted.field
    if not field or field in ("name", "company_name"):
        return named(viewer, wanted.type, wanted.query, field)
    found = _detail(field, engine).icontains(wanted.query, autoescape=True)
    # Who is shown masked numbers does not find them either.
    return found & numbers_shown(viewer) if any(map(str.isdigit, wanted.query)) else found


def _detail(path: str, engine: str) -> ColumnElement[str]:
    """The text of a detail, or of a part of one (`address.tel`)."""
    steps = path.split(".")
    if engine == "sqlite":
        return func.json_extract(cast(records.c.details, Text), "$" + "".join(f'."{step}"' for step in steps))
    return func.jsonb_extract_path_text(cast(func.convert_from(records.c.details, "UTF8"), JSONB), *steps)
