"""Heat maps as small PNG pictures with a palette, written without a plotting library."""

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

#: Anchors from low over middle to high: ColorBrewer's PuOr, told apart with every kind of color vision.
DIVERGING = (
    "#2d004b",
    "#542788",
    "#8073ac",
    "#b2abd2",
    "#d8daeb",
    "#f7f7f7",
    "#fee0b6",
    "#fdb863",
    "#e08214",
    "#b35806",
    "#7f3b08",
)
MISSING = (128, 128, 128)


def diverging_palette(size: int) -> NDArray[np.uint8]:
    """The (size, 3) colors from low to high, interpolated between the anchors."""
    anchors = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in DIVERGING], dtype=float)
    where = np.linspace(0, len(anchors) - 1, size)
    columns = [np.interp(where, np.arange(len(anchors)), anchors[:, i]) for i in range(3)]
    colors: NDArray[np.uint8] = np.rint(np.column_stack(columns)).astype(np.uint8)
    return colors


def heatmap_png(values: NDArray[np.float64], limit: float) -> bytes:
    """One pixel a value, from ``-limit`` to ``limit``; values beyond are drawn as the limit, NaN in gray."""
    levels = np.rint((np.clip(values / (limit or 1.0), -1, 1) + 1) * 127)
    indices = np.where(np.isfinite(values), levels, 255).astype(np.uint8)
    palette = np.vstack([diverging_palette(255), np.array([MISSING], dtype=np.uint8)])
    height, width = indices.shape
    rows = np.column_stack([np.zeros(height, dtype=np.uint8), indices])
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [
        (b"IHDR", header),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def data_uri(png: bytes) -> str:
    """The picture as an address that needs no file and no network."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
