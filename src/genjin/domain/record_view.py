"""A record with what is shown beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.sight import WHOLE, Sight


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as its viewer is shown it, by `sight`: hidden fields are empty, numbers may be masked.

    `names` are those of the records that it points at and that the viewer may see; `editable` is whether the viewer
    may change it.
    """

    record: Record
    names: Mapping[Ref, str] = field(default_factory=dict)
    sight: Sight = WHOLE
    editable: bool = True

    def name_of(self, type_: RecordType, id_: int | None) -> str:
        """The name of another record; empty when there is none to be seen."""
        return self.names.get(Ref(type_, id_ or 0), "")
