"""Activities with what is shown beside them: all that rendering them for one viewer needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from genjin.domain.activity import Facts
from genjin.domain.attachment import Attachment
from genjin.domain.call import Call
from genjin.domain.records import Record, Ref
from genjin.domain.sight import Sight
from genjin.domain.writing import External


@dataclass(frozen=True, slots=True)
class ActivityViews:
    """`targets` are the records that the entries happened on, and `sights` what of each is shown. `names` are of the
    other records that entries speak of and the viewer sees. `files` are by id; those of `hidden` the viewer may know of
    and not open. `wordings` has how many an entry has had, where it is not one; `calls` are
    by their own ids; `externals`
    what it is called where it came from.
    """

    entries: Sequence[Facts]
    targets: Mapping[Ref, Record]
    sights: Mapping[Ref, Sight]
    names: Mapping[Ref, str] = field(default_factory=dict)
    files: Mapping[int, Attachment] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    wordings: Mapping[int, int] = field(default_factory=dict)
    deleted: frozenset[int] = frozenset()
    calls: Mapping[int, Call] = field(default_factory=dict)
    externals: Mapping[int, External] = field(default_factory=dict)
