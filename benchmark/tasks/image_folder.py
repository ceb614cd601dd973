"""The user's own images: one folder for each class."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from benchmark.declare.data import Pool
from benchmark.declare.errors import UserError, require
from benchmark.declare.fields import static
from benchmark.tasks.own_data import OwnData, OwnDataTask, digested, require_room

Colour: TypeAlias = Literal["grey", "rgb"]

_ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")


@dataclass(frozen=True)
class ImageFolder(OwnDataTask):
    """Images in subfolders, each of them a class, in the order of their names.

    Every image is stretched to size × size pixels and scaled to [0, 1]; a sample is
    [size, size, 1], or [size, size, 3] with "rgb". Other files and hidden folders are
    passed over.

    Attributes:
        path: the folder with a subfolder for each class.
        size: side of the resized images in pixels.
        n_train: training samples of a run, drawn anew for every seed.
        n_validation: validation samples, disjoint from them.
        colour: "grey" levels or "rgb".
        content: digest of the images, filled in by itself so that changed data are new
            conditions.
    """

    path: str
    size: int = static(at_least=1, at_most=1024)
    n_train: int = static(at_least=2)
    n_validation: int = static(at_least=1)
    colour: Colour = "grey"
    content: str = ""

    @property
    def class_sizes(self) -> tuple[int, ...]:
        return tuple(np.bincount(self.pool().y).tolist())

    def _read(self) -> OwnData:
        return read_images(self.path, self.size, self.colour)

    def _forget(self) -> None:
        read_images.cache_clear()


@lru_cache(maxsize=2)
def read_images(path: str, size: int, colour: Colour) -> OwnData:
    """All images of a folder, read once a process.

    Raises:
        UserError: the folder is missing or has fewer than two subfolders, a subfolder has
            no images, or an image cannot be read.
    """
    root = Path(path)
    require(root.is_dir(), f"The image folder {path!r} does not exist.")
    folders = [f for f in _inside(root) if f.is_dir() and not f.name.startswith(".")]
    require(
        len(folders) > 0,
        f"The image folder {path!r} has no subfolders, but needs one for each class.",
    )
    require(
        len(folders) > 1,
        f"The image folder {path!r} has only the subfolder {folders[0].name!r}, but needs at "
        "least two classes.",
    )
    files = [_images_in(folder) for folder in folders]
    count = sum(map(len, files))
    channels = 1 if colour == "grey" else 3
    require_room(f"The image folder {path!r} at size {size}", count * size**2 * channels)
    x = [_read_image(file, size, colour) for of_class in files for file in of_class]
    y = np.repeat(np.arange(len(files), dtype=np.int32), [len(held) for held in files])
    return digested(Pool(np.stack(x), y))


def _images_in(folder: Path) -> list[Path]:
    """The image files of a class."""
    files = [file for file in _inside(folder) if file.suffix.lower() in _ENDINGS]
    require(
        len(files) > 0,
        f"The class folder {str(folder)!r} has no images ({', '.join(_ENDINGS)}).",
    )
    for file in files:
        # Opening a named pipe would wait for a writer for ever.
        require(file.is_file(), f"The image {str(file)!r} cannot be read: it is no file.")
    return files


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise UserError(f"{str(folder)!r} cannot be read: {error.strerror}.") from error


def _read_image(file: Path, size: int, colour: Colour) -> np.ndarray:
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as opened:
            return _resized(ImageOps.exif_transpose(opened), size, colour)
    # Of a damaged image, Pillow's readers raise errors of every class.
    except Exception as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(f"The image {str(file)!r} cannot be read: {said}.") from error


def _resized(image: Any, size: int, colour: Colour) -> np.ndarray:
    """An image as [size, size, channel] float32 in [0, 1]; 16-bit greys keep their depth."""
    from PIL import Image

    if image.mode.startswith("I"):
        deep = Image.fromarray(np.asarray(image, np.float32) / 65535)
        grey = np.asarray(deep.resize((size, size), Image.Resampling.BILINEAR))[..., None]
        return np.repeat(grey, 3, -1) if colour == "rgb" else grey
    plain = image.convert("L" if colour == "grey" else "RGB")
    resized = np.asarray(plain.resize((size, size), Image.Resampling.BILINEAR))
    return resized.reshape(size, size, -1).astype(np.float32) / 255
