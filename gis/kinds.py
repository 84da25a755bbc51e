"""What a buried line or a service of a model carries, from codes and words."""

import re
from collections.abc import Mapping

#: Kinds that the rulebook speaks of, by the codes of CJJ 61.
OF_CODE: Mapping[str, str] = {
    "JS": "water",
    "PS": "sewer",
    "YS": "sewer",
    "WS": "sewer",
    "HS": "sewer",
    "RQ": "gas",
    "MQ": "gas",
    "TR": "gas",
    "YH": "gas",
    "RL": "heat",
    "DL": "power",
    "GD": "power",
    "LD": "power",
    "XH": "power",
    "TX": "telecom",
}
#: In order of precedence: waste water is no water, a gas-fired heating main is heat.
_WORDS = (
    ("sewer", r"污水|雨水|排水|合流|废水|下水|粪|sewer|sewage|storm|drain|waste"),
    ("heat", r"热力|供热|采暖|蒸汽|district.?heat|heating|steam"),
    ("gas", r"燃气|煤气|天然气|液化气|\bgas\b|natural.?gas|fuel.?gas"),
    ("water", r"给水|自来水|上水|供水|原水|中水|再生水|消防|water"),
    ("telecom", r"通信|通讯|电信|弱电|光缆|光纤|网络|telecom|communicat|fib(er|re)|data"),
    ("power", r"电力|供电|强电|路灯|照明|动力|电缆|power|electric|lighting"),
)
_PATTERNS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _WORDS)
_CODE = re.compile(r"(?<![A-Za-z])([A-Za-z]{2})(?![A-Za-z])")

#: What people call each kind.
NAMES: Mapping[str, tuple[str, str]] = {
    "water": ("给水管", "water main"),
    "sewer": ("排水管", "sewer"),
    "gas": ("燃气管", "gas pipe"),
    "heat": ("热力管", "heating main"),
    "power": ("电力管线", "power cable"),
    "telecom": ("通信管线", "telecom line"),
    "": ("管线", "buried line"),
}

_PRESSURES = (
    ("sub-high-a", r"次高压?\s*[（(]?A|sub.?high.*a$"),
    ("sub-high-b", r"次高压?\s*[（(]?B|sub.?high.*b$"),
    ("sub-high", r"次高|sub.?high"),
    ("high", r"高压|high"),
    ("medium", r"中压|medium"),
    ("low", r"低压|low"),
)
_LAYINGS = (
    ("above", r"^(JK|SJ|DM)$|架空|上架|地面|overhead|above"),
    ("direct", r"^ZM$|直埋|direct"),
    ("duct", r"^(GM|GK|GG|ZH)$|管埋|管块|管沟|管廊|排管|duct|conduit|trench"),
)


def kind_of_words(text: str) -> str:
    """The kind that a code or words speak of; empty where they do not say."""
    for code in _CODE.findall(text):
        if code.upper() in OF_CODE:
            return OF_CODE[code.upper()]
    return next((kind for kind, pattern in _PATTERNS if pattern.search(text)), "")


def pressure_of(text: str) -> str:
    """Class of a gas pipe; empty where the words do not say."""
    return _first(_PRESSURES, text)


def laying_of(text: str) -> str:
    """``"direct"``, ``"duct"``, ``"above"`` ground, or the empty string."""
    return _first(_LAYINGS, text)


def abandoned(text: str) -> bool:
    """Whether a state says that the line is out of use (CJJ 61: 1)."""
    return bool(re.search(r"^1(\.0)?$|废弃|报废|停用|abandon|disused", text.strip(), re.IGNORECASE))


def _first(table: tuple[tuple[str, str], ...], text: str) -> str:
    tidy = text.strip()
    return next((word for word, p in table if tidy and re.search(p, tidy, re.IGNORECASE)), "")
