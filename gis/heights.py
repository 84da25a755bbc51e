"""Heights: names of vertical datums and the way from one to the project's, never guessed."""

import math
import re
import unicodedata
from functools import lru_cache

from gis import crs as systems
from gis.errors import BilingualError

#: The national datum of China; what heights on a Chinese grid are in unless a project says else.
NATIONAL_1985 = "EPSG:5737"
#: Its predecessor; 1985 heights are published as 0.029 m lower, local networks differ.
YELLOW_SEA_1956 = "EPSG:5736"
#: Gauge of Wusong; 1.7 to 2.0 m above 1985 depending on the place, so never a constant here.
WUSONG = "wusong"
#: Heights above an ellipsoid, as a satellite receiver gives them; no open geoid leads on.
ELLIPSOIDAL = "ellipsoidal"

#: In order of precedence: what a normalised name holds, the datum it means.
_NAMES = (
    (r"ELLIPSOID|GEODETICHEIGHT|GNSSHEIGHT|大地高|椭球", ELLIPSOIDAL),
    (r"吴淞|WUSONG|WOOSUNG", WUSONG),
    (r"1985|^85|国家85|黄海85", NATIONAL_1985),
    (r"1956|^56|黄海56", YELLOW_SEA_1956),
)
_SHOWN = {
    NATIONAL_1985: ("1985 国家高程基准", "1985 national datum"),
    YELLOW_SEA_1956: ("1956 黄海高程系", "Yellow Sea 1956 datum"),
    WUSONG: ("吴淞高程", "Wusong datum"),
    ELLIPSOIDAL: ("大地高（椭球高）", "ellipsoidal heights"),
    "": ("未声明的高程基准", "heights of no stated datum"),
}
#: Geographic systems of China; on their grids heights are 1985 unless a project says otherwise.
_CHINESE = frozenset({"EPSG:4490", "EPSG:4480", "EPSG:4610", "EPSG:4214"})
_ELLIPSOID_CODES = frozenset({"EPSG:4979", "EPSG:4480"})


class UnsafeHeights(BilingualError):
    """Heights cannot be brought to the project's datum; give the offset in metres."""

    code = "GIS428"


@lru_cache(maxsize=256)
def datum_code(text: str | None) -> str:
    """The datum that `text` names.

    Returns
    -------
    str
        ``"EPSG:5737"`` and the like, ``"wusong"``, ``"ellipsoidal"``; the tidied name itself
        for a datum of local meaning (equal names are equal datums); empty when none is named.

    """
    tidy = re.sub(r"[\s_\-()《》“”\"']", "", unicodedata.normalize("NFKC", text or "")).upper()
    if not tidy:
        return ""
    number = re.fullmatch(r"(?:EPSG:+)?(\d{4,5})", tidy)
    if number and tidy not in {"1985", "1956"}:
        code = f"EPSG:{number[1]}"
        return ELLIPSOIDAL if code in _ELLIPSOID_CODES else code
    for words, found in _NAMES:
        if re.search(words, tidy):
            return found
    return systems.vertical_code(text or "") or tidy.casefold()


def title(name: str | None) -> tuple[str, str]:
    """What people call a datum, in Chinese and English."""
    found = datum_code(name)
    return _SHOWN.get(found, (name or found, name or found))


def project_datum(crs: str | None, *, stated: str | None = None) -> str:
    """The datum of a project's heights; empty when nothing says it.

    Parameters
    ----------
    crs : str or None
        Of the project or its frame; the vertical part of a compound one counts.
    stated : str or None
        ``vertical_datum`` of the project; it wins.

    Notes
    -----
    On grids of the Chinese datums 1985 is the project's datum unless another is stated.

    """
    if datum_code(stated):
        return datum_code(stated)
    if crs is None:
        return ""
    system = systems.parse(crs)
    if system.vertical:
        return datum_code(system.vertical)
    return NATIONAL_1985 if system.datum in _CHINESE else ""


def shift_to_project(*, datum: str | None, offset: float | None, project_datum: str) -> float:
    """Metres to add to heights of `datum` to get heights of the project's datum.

    Parameters
    ----------
    datum : str or None
        What the heights are in, in anybody's words; None when nobody says.
    offset : float or None
        Metres to add, as stated by a person.
    project_datum : str
        As from :func:`project_datum`.

    Raises
    ------
    UnsafeHeights
        For ellipsoidal heights, for another or an unnamed datum without an offset, and for an
        offset between heights that are said to be of one datum.

    """
    source, target = datum_code(datum), datum_code(project_datum)
    if offset is not None and not math.isfinite(offset):
        raise UnsafeHeights("the offset of heights is no number", "高程改正数不是有效数字")
    (zh, en), (to_zh, to_en) = title(datum), title(project_datum)
    if source == ELLIPSOIDAL and target != ELLIPSOIDAL:
        why = f"{en} need a geoid model; have heights in the project's datum ({to_en})"
        raise UnsafeHeights(why, f"{zh}需要似大地水准面模型，请提供{to_zh}的高程")
    if source and source == target:
        if offset:
            why = f"both are {en}, yet an offset of {offset:g} m is given"
            raise UnsafeHeights(why, f"两者同为{zh}，却又给出改正数 {offset:g} 米")
        return 0.0
    if offset is not None:
        return offset
    why = f"from {en} to {to_en} no offset is stated; give datum_offset_m"
    raise UnsafeHeights(why, f"由“{zh}”换算到“{to_zh}”缺少改正数 datum_offset_m")
