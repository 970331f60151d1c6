"""What the upstream calls our record types: class name, plural in paths, and display name (custom per organisation)."""

from collections.abc import Mapping

from genjin.domain.records import RecordType
from genjin.errors import RouteNotFound

CLASS_NAMES: Mapping[RecordType, str] = {
    RecordType.LEAD: "Lead",
    RecordType.CUSTOMER: "Customer",
    RecordType.CONTACT: "Contact",
    RecordType.OPPORTUNITY: "Opportunity",
    RecordType.CONTRACT: "Contract",
}
RECORD_TYPES: Mapping[str, RecordType] = {name: type_ for type_, name in CLASS_NAMES.items()}
PATHS: Mapping[str, RecordType] = {"leads": RecordType.LEAD, "customers": RecordType.CUSTOMER}
"""The entity types whose sales activities are served."""

FOLLOW_UP, CHECK_IN = "RevisitLog", "Checkin"
STANDARD_NAMES: Mapping[str, str] = {
    "Lead": "线索",
    "Customer": "客户",
    "Contact": "联系人",
    "Opportunity": "商机",
    "Contract": "合同",
    FOLLOW_UP: "跟进记录",
    CHECK_IN: "拜访签到",
}


def display_name(module_names: Mapping[str, str], class_name: str) -> str:
    """The organisation's name of a module, or the standard one."""
    return module_names.get(class_name) or STANDARD_NAMES.get(class_name, class_name)


def type_in_path(entity_type: str) -> RecordType:
    """`leads` -> LEAD. Raises RouteNotFound."""
    found = PATHS.get(entity_type)
    if found is None:
        raise RouteNotFound(entity_type)
    return found


def type_of_class(name: str) -> RecordType | None:
    """`Lead`, `lead` or `leads` -> LEAD; None for what is none of ours. The upstream's pages use all three."""
    one = name.removesuffix("ies") + "y" if name.endswith("ies") else name.removesuffix("s")
    return RECORD_TYPES.get(name) or RECORD_TYPES.get(one.capitalize())
