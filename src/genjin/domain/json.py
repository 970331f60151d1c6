"""The type of a JSON value."""

from collections.abc import Mapping, Sequence

from typing_extensions import TypeAliasType

JsonValue = TypeAliasType(
    "JsonValue", "None | bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue]"
)
