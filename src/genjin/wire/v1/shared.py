"""What the types of /api/v1 have in common: how input is read, pages of lists, things by id and name."""

from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from genjin.domain.json import JsonValue
from genjin.wire.scalars import MAX_ID

MAX_CURSOR = 2000
"""Characters, of which ours have a few hundred."""


class Shown(BaseModel):
    """What is answered; it has these keys and no others."""

    model_config = ConfigDict(extra="forbid")


class Given(BaseModel):
    """What is sent: a key that is not one of these is refused, and nothing is read as what it is not."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Asked(BaseModel):
    """The query of a path, whose values are texts. What is none of its parameters is refused by the route."""

    model_config = ConfigDict(frozen=True)


class Paged(Asked):
    """The query of a list."""

    limit: int = Field(50, ge=1, le=200, description="The most items of a page.")
    cursor: str | None = Field(
        None, max_length=MAX_CURSOR, description="Where the page begins: as the `next` of the page before it says."
    )


Id = Annotated[int, Field(ge=1, le=MAX_ID)]


class Named(Shown):
    """Something that has an id and a name."""

    id: int
    name: str


class _HasName(Protocol):
    @property
    def id(self) -> int: ...

    @property
    def name(self) -> str: ...


def named_or_none(found: _HasName | None) -> dict[str, JsonValue] | None:
    """A person, department or role as Named."""
    return None if found is None else {"id": found.id, "name": found.name}


Next = Annotated[str | None, Field(description="The path of the next page; null on the last one.")]
