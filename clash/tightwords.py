"""What is said of an opening that does not hold the line that passes it."""

from clash.texts import both, metres
from clash.tight import Squeeze


def size(across: tuple[float, float], *, round_: bool) -> str:
    """A clear or needed size as drawings give it, in millimetres.

    >>> size((0.1, 0.1), round_=True), size((0.4, 0.2), round_=False)
    ('⌀100 mm', '400 × 200 mm')
    """
    if round_:
        return f"⌀{max(across) * 1000:.0f} mm"
    return f"{across[0] * 1000:.0f} × {across[1] * 1000:.0f} mm"


def noun(squeeze: Squeeze, language: str) -> str:
    """What people call the thing that is there."""
    zh = language.startswith("zh")
    if squeeze.sleeve:
        return "套管" if zh else "sleeve"
    return "洞口" if zh else "opening"


def headline(squeeze: Squeeze, line: str, host: str, language: str) -> str:
    """One line for the list; `host` is what the line passes, or the sleeve itself."""
    what, sizes = noun(squeeze, language), _sizes(squeeze, language)
    if language.startswith("zh"):
        if squeeze.missing:
            return f"{line} 穿 {host}，{what}偏小：{sizes}，差 {metres(squeeze.missing)}"
        return f"{line} 穿 {host}，偏出{what} {metres(squeeze.over)}：{sizes}"
    if squeeze.missing:
        short = metres(squeeze.missing)
        return f"{line} passes {host}, the {what} is too small: {sizes}, {short} missing"
    return f"{line} passes {host}, {metres(squeeze.over)} outside the {what}: {sizes}"


def _sizes(squeeze: Squeeze, language: str) -> str:
    clear = size(squeeze.clear, round_=squeeze.clear_round)
    need = size(squeeze.need, round_=squeeze.need_round)
    if language.startswith("zh"):
        return f"净空 {clear}，需 {need}{'（含保温）' if squeeze.lagged else ''}"
    return f"clear {clear}, needed {need}{' with insulation' if squeeze.lagged else ''}"


def account(squeeze: Squeeze, name: str, language: str) -> str:
    """A sentence or two: what is there, what the line needs, what is missing."""
    zh, what = language.startswith("zh"), noun(squeeze, language)
    clear = size(squeeze.clear, round_=squeeze.clear_round)
    need = size(squeeze.need, round_=squeeze.need_round)
    over, missing = metres(squeeze.over), metres(squeeze.missing)
    if zh:
        called, line = f"「{name}」" if name else "", "管线连同保温" if squeeze.lagged else "管线"
        there = f"此处已有{what}{called}，净空 {clear}；{line}需要 {need}，"
        if squeeze.missing:
            return f"{there}差 {missing}，一侧最多超出 {over}。"
        return f"{there}{what}够大，但管线偏离其中心，一侧超出 {over}。"
    called, line = f" “{name}”" if name else "", "The line"
    line += " with its insulation" if squeeze.lagged else ""
    article = "an" if what == "opening" else "a"
    there = f"There is {article} {what}{called} here, clear {clear}. {line} needs {need}"
    if squeeze.missing:
        return f"{there}: {missing} missing, up to {over} beyond one side."
    return f"{there}: the {what} is large enough, but the line is off its middle, {over} outside."


def remedy(squeeze: Squeeze) -> dict[str, str]:
    """What to do about it."""
    need = size(squeeze.need, round_=squeeze.need_round)
    zh, en = noun(squeeze, "zh-CN"), noun(squeeze, "en")
    if squeeze.missing:
        return both(
            f"把{zh}净空加大到不小于 {need}（另留安装与封堵间隙），或减小管线外径、改走别处；"
            "已浇筑的须由结构专业复核后扩洞。",
            f"Enlarge the {en} to at least {need} clear, plus room for fitting and sealing, or use "
            "a smaller line or another way; once it is cast, have the structural engineer "
            "approve the cut.",
        )
    return both(
        f"移动管线或调整{zh}位置，使管线从{zh}中间穿过。",
        f"Move the line or the {en} so that the line passes through the middle of the {en}.",
    )
