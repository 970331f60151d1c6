"""The kinds of values that parameters may have, as JSON Schema; scalars.py and params.py decide what is accepted."""

from typing import Annotated, Any

from pydantic import WithJsonSchema

from genjin.domain.approval import Approval
from genjin.domain.comment import MAX_COMMENT
from genjin.wire.entries.call import MAX_SECONDS
from genjin.wire.modules import RECORD_TYPES
from genjin.wire.periods import RANGES
from genjin.wire.records.filter import MAX_QUERY, TABS
from genjin.wire.records.forms import MAX_OPTION, MAX_TEXT
from genjin.wire.scalars import MAX_ID, MAX_MONEY

_DAY = (
    "((19|20|21)[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|1[0-9]|2[0-8]))|((19|20|21)(0[48]|[2468][048]|[13579][26])|2000)-02-29)"
)
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
_ID = "([1-9][0-9]{0,8}|1[0-9]{9}|20[0-9]{8})"
NOT_BLANK = r"[^\s\x1c-\x1f\x85]"
"""Something besides what Python strips, which is more than JSON Schema calls blank."""
_SCALAR = ["string", "number", "boolean", "null"]


def _text(most: int) -> Any:
    """A text, or anything that can be said in one."""
    return WithJsonSchema({"type": _SCALAR, "maxLength": most})


def _id(digits: str, *also: str, least: int = 1) -> Any:
    types = ["integer", "string", *also]
    return WithJsonSchema({"type": types, "minimum": least, "maximum": MAX_ID, "pattern": f"^{digits}$"})


def _count(most: int, digits: str) -> Any:
    return WithJsonSchema({"type": ["integer", "string", "null"], "minimum": 0, "maximum": most, "pattern": digits})


def _degrees(most: int, digits: str) -> Any:
    pattern = rf"^(-?({digits})(\.[0-9]{{1,15}})?|-?{most})?$"
    return WithJsonSchema({"type": ["number", "string", "null"], "minimum": -most, "maximum": most, "pattern": pattern})


Text = Annotated[Any, _text(MAX_TEXT)]
OptionId = Annotated[Any, _text(MAX_OPTION)]
ShortText = Annotated[Any, _text(255)]
Scalar = Annotated[Any, WithJsonSchema({"type": _SCALAR})]
Name = Annotated[Any, WithJsonSchema({"type": _SCALAR[:3], "maxLength": 255, "pattern": NOT_BLANK})]
NotBlank = Annotated[Any, WithJsonSchema({"type": _SCALAR[:3], "pattern": NOT_BLANK})]
NotEmpty = Annotated[Any, WithJsonSchema({"type": _SCALAR[:3], "minLength": 1})]
CommentText = Annotated[Any, WithJsonSchema({"type": _SCALAR[:3], "maxLength": MAX_COMMENT, "pattern": NOT_BLANK})]
CallId = Annotated[Any, WithJsonSchema({"type": _SCALAR[:3], "minLength": 1, "maxLength": 255, "pattern": NOT_BLANK})]
Url = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^https?://"})]
ClassName = Annotated[str, WithJsonSchema({"enum": [*RECORD_TYPES]})]
Blank = Annotated[Any, WithJsonSchema({"enum": [None, "", []], "description": "Nothing."})]
Nothing = Annotated[Any, WithJsonSchema({"enum": [{}], "description": "Nothing."})]
NoList = Annotated[Any, WithJsonSchema({"enum": [None, "", [], {}], "description": "Nothing."})]
Anything = Annotated[Any, WithJsonSchema({})]
CheckDuplicates = Annotated[
    Any, WithJsonSchema({"description": "whether it is refused when another one has its name or a number of its"})
]
Id = Annotated[Any, _id(_ID)]
IdOrNone = Annotated[Any, _id(f"{_ID}?", "null")]
IdOrZero = Annotated[Any, _id(f"(0|{_ID})?", "null", least=0)]
Moment = Annotated[Any, WithJsonSchema({"type": ["string", "null"], "pattern": f"^({_DAY}( {_TIME})?)?$"})]
"""YYYY-MM-DD HH:MM with or without seconds; other forms are read too (see wire/scalars.py)."""
Day = Annotated[Any, WithJsonSchema({"type": ["string", "null"], "pattern": f"^({_DAY})?$"})]
"""YYYY-MM-DD; a time behind it is not kept."""
Amount = Annotated[
    Any,
    WithJsonSchema(
        {
            "type": ["number", "string", "null"],
            "minimum": -MAX_MONEY,
            "maximum": MAX_MONEY,
            "pattern": r"^(-?[0-9]{1,12}(\.[0-9]{1,2})?)?$",
        }
    ),
]
Percent = Annotated[
    Any,
    WithJsonSchema(
        {"type": ["integer", "string", "null"], "minimum": 0, "maximum": 100, "pattern": "^([0-9]{1,2}|100)?$"}
    ),
]
Gender = Annotated[Any, WithJsonSchema({"enum": ["male", "female", "", None]})]
Talk = Annotated[Any, _count(MAX_SECONDS, "^([0-9]{1,4}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2}|86400)?$")]
Seconds = Annotated[
    Any,
    WithJsonSchema({"type": ["integer", "string"], "minimum": 0, "maximum": MAX_SECONDS, "pattern": "^[0-9]{1,4}$"}),
]
Mode = Annotated[Any, _count(32_767, "^[0-9]{0,4}$")]
Latitude = Annotated[Any, _degrees(90, "[0-8]?[0-9]")]
Longitude = Annotated[Any, _degrees(180, "1[0-7][0-9]|[0-9]{1,2}")]

Search = Annotated[str, WithJsonSchema({"type": "string", "maxLength": MAX_QUERY})]
QueryText = Annotated[str, WithJsonSchema({"type": "string"})]
QueryId = Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^{_ID}?$"})]
NeededQueryId = Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^{_ID}$"})]
QueryIds = Annotated[
    list[str],
    WithJsonSchema({"type": "array", "minItems": 1, "items": {"type": "string", "pattern": f"^{_ID}$"}}),
]
NotBlankQuery = Annotated[str, WithJsonSchema({"type": "string", "pattern": NOT_BLANK})]
QueryDay = Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^({_DAY})?$"})]
QueryDays = Annotated[
    list[str],
    WithJsonSchema({"type": "array", "maxItems": 2, "items": {"type": "string", "pattern": f"^({_DAY})?$"}}),
]
SearchedField = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "enum": ["", "name", "note"], "description": "or another text field by its name"}
    ),
]
ApprovalWord = Annotated[str, WithJsonSchema({"type": "string", "enum": ["", *Approval]})]
EntityWord = Annotated[str, WithJsonSchema({"type": "string", "enum": ["", "customer", "opportunity"]})]
QueryPhone = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^(1[3-9][0-9]{9})?$"})]
Period = Annotated[str, WithJsonSchema({"type": "string", "enum": ["", *RANGES]})]
Tab = Annotated[str, WithJsonSchema({"type": "string", "enum": ["", *TABS]})]
TypeWord = Annotated[str, WithJsonSchema({"type": "string", "enum": ["", *(name.lower() for name in RECORD_TYPES)]})]
