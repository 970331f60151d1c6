"""What became of activities that were written, also of many at once."""

from collections.abc import Sequence

from pydantic import Field, RootModel

from genjin.domain.json import JsonValue
from genjin.domain.writing import Asked, NewEntry, Outcome, Written
from genjin.errors import GenjinError, Invalid
from genjin.wire.v1.activity import Activity
from genjin.wire.v1.problem import Problem, problem_of, problem_type
from genjin.wire.v1.shared import Shown

NEW, THERE = 201, 200


class WrittenItem(Shown):
    """What became of one of many."""

    status: int = Field(description="201 where it is new, 200 where it was there, else that of the problem.")
    id: int | None
    source: str | None
    external_id: str | None
    problem: Problem | None


class WrittenItems(Shown):
    """What became of each of many, in their order."""

    items: list[WrittenItem]
    created: int
    repeated: int
    refused: int


class WrittenActivity(RootModel[Activity | WrittenItems]):
    """The activity; of many what became of each."""


def batch_to_wire(asked: Sequence[Asked], outcomes: Sequence[Outcome], request_id: str) -> dict[str, JsonValue]:
    """As WrittenItems."""
    items = [_item(*pair, request_id) for pair in zip(asked, outcomes, strict=True)]
    statuses = [item["status"] for item in items]
    created, repeated = statuses.count(NEW), statuses.count(THERE)
    return {"items": items, "created": created, "repeated": repeated, "refused": len(items) - created - repeated}


def all_refused(outcomes: Sequence[Outcome]) -> Invalid:
    """The one refusal of many that were to be written together: what is wrong with which of them."""
    errors: dict[str, list[str]] = {}
    for nth, outcome in enumerate(outcomes):
        if isinstance(outcome, Invalid):
            errors |= {f"items.{nth}.{field}": texts for field, texts in outcome.errors.items()}
        elif isinstance(outcome, GenjinError):
            type_ = problem_type(outcome)
            errors[f"items.{nth}"] = [f"{type_.code}: {type_.title}"]
    return Invalid(errors)


def _item(asked: Asked, outcome: Outcome, request_id: str) -> dict[str, JsonValue]:
    external = asked.external if isinstance(asked, NewEntry) else None
    named: dict[str, JsonValue] = {
        "source": external.source if external else None,
        "external_id": external.id if external else None,
    }
    if isinstance(outcome, Written):
        return {"status": NEW if outcome.is_new else THERE, "id": outcome.id, **named, "problem": None}
    problem = problem_of(outcome, request_id)
    return {"status": problem["status"], "id": None, **named, "problem": problem}
