"""A record with what is shown beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.sight import WHOLE, Sight


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What is told of a customer that lies in other places, as the viewer is shown it.

    `last_words` is the text of its latest follow-up, `contacts` are its first ones by id, `contracted` is the sum of
    its contracts in hundredths (None where the viewer is shown no amounts), `files` counts what is attached to it.
    `flows_at` is when it goes back into its pool by itself, `idle_days` for how long nobody followed it up.
    """

    last_words: str = ""
    contacts: Sequence[Record] = ()
    contracted: int | None = 0
    files: int = 0
    flows_at: int | None = None
    idle_days: int = 0


NO_FACTS = CustomerFacts()


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as its viewer is shown it, by `sight`: hidden fields are empty, numbers may be masked.

    `names` are those of the records that it points at and that the viewer may see; `editable` is whether the viewer
    may change it; `facts` are of a customer.
    """

    record: Record
    names: Mapping[Ref, str] = field(default_factory=dict)
    sight: Sight = WHOLE
    editable: bool = True
    facts: CustomerFacts = NO_FACTS

    def name_of(self, type_: RecordType, id_: int | None) -> str:
        """The name of another record; empty when there is none to be seen."""
        return self.names.get(Ref(type_, id_ or 0), "")
