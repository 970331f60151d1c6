"""A record with what is shown beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.sight import WHOLE, Sight


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as its viewer is shown it, by `sight`: hidden fields are empty, numbers may be masked.

    `names` are those of the records that it points at and that the viewer may see.
    """

    record: Record
    names: Mapping[Ref, str] = field(default_factory=dict)
    sight: Sight = WHOLE

    @property
    def customer_name(self) -> str:
        """The name of the customer that it became or belongs to; empty when there is none to be seen."""
        return self.names.get(Ref(RecordType.CUSTOMER, self.record.customer_id or 0), "")
