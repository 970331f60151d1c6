"""Kinds that an organisation defines: what a program may tell of, such as `erp.invoice_paid`, and how it is said."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from genjin.domain.json import JsonValue
from genjin.domain.kinds import KINDS, CustomDetails, Group, Kind
from genjin.domain.template import errors_in

FIRST_CODE, LAST_CODE = 1_000, 32_767
"""The codes of such kinds, an organisation's own each; those below come with Genjin."""
MOST_KINDS = 500
MAX_NAME, MAX_ICON, MAX_LABEL, MAX_TEMPLATE = 64, 64, 64, 500
"""Characters."""
TEXT_KEYS = frozenset(
    {
        *("title", "description", "origin_description", "activity_type_display", "saleable_name"),
        *("saleable_type_display", "call_type_display"),
    }
)
"""The keys of /api/v2's 50 that take a text."""
FILLABLE = TEXT_KEYS | {"address"}
"""Those that a kind may fill; `address` takes a text too, which is shown as its detail."""
ALWAYS_THERE = frozenset({"actor", "target", "text"})
"""What a template may name besides the properties of the payload."""
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,3}")
_TAKEN = frozenset(kind.event.partition(".")[0] for kind in KINDS.values())


@dataclass(frozen=True, slots=True)
class Definition:
    """What an administrator says of a kind. `fills` are templates by the key of FILLABLE; `schema` is a JSON Schema."""

    name: str
    group: Group = Group.SYSTEM
    icon: str = ""
    label_zh: str = ""
    label_en: str = ""
    says_zh: str = ""
    says_en: str = ""
    schema: Mapping[str, JsonValue] | None = None
    fills: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CustomKind:
    """A kind as it is kept. An archived one is shown still, and no new activity is of it; `version` counts changes."""

    code: int
    definition: Definition
    created_at: int
    archived_at: int | None = None
    version: int = 1

    @property
    def kind(self) -> Kind:
        """The same in the form of those that come with Genjin."""
        told = self.definition
        verb = told.name.rpartition(".")[2]
        return Kind(self.code, told.name, verb, CustomDetails, told.says_zh, told.says_en, told.group)


def errors_of(told: Definition) -> dict[str, list[str]]:
    """What is wrong with a definition besides its schema (see payload.py), by field."""
    errors: dict[str, list[str]] = {}
    if not _NAME.fullmatch(told.name) or len(told.name) > MAX_NAME:
        errors["name"] = [f"must be like erp.invoice_paid, in {MAX_NAME} characters at most"]
    elif told.name.partition(".")[0] in _TAKEN:
        errors["name"] = [f"begins like kinds that come with Genjin: {', '.join(sorted(_TAKEN))}"]
    if len(told.icon) > MAX_ICON:
        errors["icon"] = [f"has more than {MAX_ICON} characters"]
    for language, label in (("zh", told.label_zh), ("en", told.label_en)):
        if len(label) > MAX_LABEL:
            errors[f"label.{language}"] = [f"has more than {MAX_LABEL} characters"]
    templates = {"sentence.zh": told.says_zh, "sentence.en": told.says_en}
    templates |= {f"fills.{key}": template for key, template in (told.fills or {}).items()}
    for field, template in templates.items():
        if wrong := errors_in(template, ALWAYS_THERE, told.schema or {}):
            errors[field] = wrong
        elif not 1 <= len(template) <= MAX_TEMPLATE:
            errors[field] = [f"must have 1 to {MAX_TEMPLATE} characters"]
    for key in sorted((told.fills or {}).keys() - FILLABLE):
        errors[f"fills.{key}"] = [f"is none of {', '.join(sorted(FILLABLE))}"]
    return errors
