"""What a list of records is asked for, from its parameters."""

from genjin.domain.calendar import Calendar
from genjin.domain.records import SORTABLE, RecordFilter, RecordType
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.params import Params, as_list, text

MAX_QUERY = 255
"""The longest search that is taken, in characters."""
TABS = ("all", "my", "sub", "common", "assist", "my_assist", "sub_assist", "deleted")
_SORT_NAMES = {"real_revisit_at": "said_followed_up_at", "revisit_remind_at": "remind_at"}


def record_filter(params: Params, type_: RecordType, calendar: Calendar) -> RecordFilter:
    """What a list is asked for. Raises Invalid for a filter that cannot be read: it would show too much."""
    errors: dict[str, list[str]] = {}

    def number(key: str) -> int | None:
        value = params.get(key)
        if value in (None, "", []):
            return None
        found = scalars.id_or_none(value)
        if found is None:
            errors[key] = ["不是有效的编号"]
        return found

    def option(key: str) -> str | None:
        return text(params, key).strip() or None

    def span(key: str) -> tuple[int, int] | None:
        try:
            return scalars.day_span(as_list(params.get(key)), calendar)
        except ValueError:
            errors[key] = ["应为两个日期：YYYY-MM-DD"]
            return None

    sort, query = text(params, "sort").strip(), text(params, "query").strip()
    tab = text(params, "tab_type").strip()
    if tab not in ("", *TABS):
        errors["tab_type"] = [f"应为{'、'.join(TABS)}之一"]
    if len(query) > MAX_QUERY:
        errors["query"] = [f"不能超过{MAX_QUERY}个字符"]
    wanted = RecordFilter(
        type=type_,
        tab="" if tab == "all" else tab,
        query=query,
        owner_id=number("user_id"),
        department_id=number("department_id"),
        status=option("status"),
        source=option("source"),
        category=option("category"),
        created=span("created_at"),
        updated=span("updated_at"),
        sort=_SORT_NAMES.get(sort, sort) if _SORT_NAMES.get(sort, sort) in SORTABLE else "created_at",
        descending=text(params, "order").strip().lower() != "asc",
    )
    if errors:
        raise Invalid(errors)
    return wanted
