"""How things look: the icons of kinds. Colours are in static/css."""

from collections.abc import Mapping

AVATAR_HUES = 8
DARK_WHEN: Mapping[str, str] = {
    "auto": "screen and (prefers-color-scheme: dark)",
    "light": "not all",
    "dark": "screen",
}
"""Where the dark colours hold, by what somebody chose."""

ICONS: Mapping[str, str] = {
    "talk": "message-square",
    "call": "phone",
    "visit": "map-pin",
    "change": "pencil-line",
    "system": "sparkles",
    "follow_up.written": "message-square",
    "call.made": "phone",
    "checkin.made": "map-pin",
    "activity.captured": "archive",
    "record.created": "plus",
    "record.edited": "pencil-line",
    "record.status_changed": "flag",
    "record.assigned": "arrow-right-left",
    "record.shared": "share-2",
    "record.pooled": "waves",
    "record.taken": "hand",
    "lead.converted": "handshake",
    "lead.conversion_undone": "undo-2",
    "record.merged": "git-merge",
    "record.merge_undone": "undo-2",
    "record.approval_changed": "stamp",
    "record.deleted": "trash-2",
    "record.restored": "rotate-ccw",
    "record.return_warned": "triangle-alert",
    "leads": "target",
    "customers": "building-2",
    "contacts": "contact",
    "opportunities": "briefcase",
    "contracts": "file-text",
}
"""Icons by the name of a kind, of a group of kinds, or of a type of records."""
