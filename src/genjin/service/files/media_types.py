"""What a file is, by its bytes. What it was said to be is never believed.

Only what a decoder of ours has read is a picture or a recording; anything else is a file with a type to be shown
beside its name, and is never opened by a browser in our name.
"""

import mimetypes

PICTURES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
}
"""Content types by Pillow's names."""

SOUNDS = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "amr": "audio/amr",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp4": "audio/mp4",
    "matroska": "audio/webm",
}
"""Content types of what has sound and no picture, by FFmpeg's names of the formats."""

UNPLAYED_SOUNDS = {"wav": "audio/vnd.wave", "amr": "audio/amr", "mp4": "audio/3gpp"}
"""The same where the sound is coded so that no browser plays it."""
PLAYED = frozenset("aac flac mp3 opus pcm_alaw pcm_f32le pcm_mulaw pcm_s16le pcm_s24le pcm_u8 vorbis".split())
"""FFmpeg's names of codings that browsers play."""

FILMS = {"ogg": "video/ogg", "mp4": "video/mp4", "matroska": "video/webm"}
"""The same where there is a picture too."""

PDF = "application/pdf"
INLINE = frozenset({*PICTURES.values(), *SOUNDS.values(), *UNPLAYED_SOUNDS.values(), *FILMS.values(), PDF})
"""What a browser may open; it runs no script in our name. Everything else is only ever saved."""

_STILL = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
"""Brands of files that are built like a film and are pictures."""

HEAD = 4096
"""Bytes from the beginning that tell what a file may be."""
UNKNOWN = "application/octet-stream"


def picture_format(head: bytes) -> str | None:
    """Pillow's name of the format that a picture would have."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return "AVIF"
    for begins, name in ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF8", "GIF"), (b"BM", "BMP")):
        if head.startswith(begins):
            return name
    return None


def sound_format(head: bytes) -> str | None:
    """FFmpeg's name of the format that a recording would have."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return None if head[8:12] in _STILL else "mp4"
    for begins, name in (
        (b"#!AMR", "amr"),
        (b"OggS", "ogg"),
        (b"fLaC", "flac"),
        (b"ID3", "mp3"),
        (b"\x1aE\xdf\xa3", "matroska"),
    ):
        if head.startswith(begins):
            return name
    frame = head[1] if len(head) > 1 and head[0] == 0xFF else 0  # the second byte of a frame without any header before
    return "mp3" if frame & 0xE6 == 0xE2 else "aac" if frame & 0xF6 == 0xF0 else None


def other_type(head: bytes, name: str) -> str:
    """The type to show for a file that is neither: by its bytes, where its name may choose among what they fit."""
    import puremagic

    if head.startswith(b"%PDF-"):
        return PDF
    try:
        found = puremagic.from_string(head, mime=True, filename=name or None)
    except (puremagic.PureError, ValueError):
        found = ""
    if _is_text(head) and not (found.startswith(("text/", "application/")) or found == "image/svg+xml"):
        return _text_type(name)
    return UNKNOWN if found in INLINE else found or UNKNOWN


def _is_text(head: bytes) -> bool:
    try:
        head[:-4].decode() if len(head) == HEAD else head.decode()  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return b"\0" not in head


def _text_type(name: str) -> str:
    guessed = mimetypes.guess_type(name)[0] or ""
    return guessed if guessed.startswith("text/") else "text/plain"
