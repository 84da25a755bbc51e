"""Numbers written in Chinese characters."""

import re

_DIGITS = {
    **{c: n for n, c in enumerate("零一二三四五六七八九")},
    **dict(zip("\u3007○两壹贰叁肆伍陆柒捌玖", (0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
}
_TIMES = {"十": 10, "百": 100}
_RUN = re.compile(f"[{''.join(_DIGITS)}十百]+|半")


def in_digits(text: str) -> str:
    """The same text with Chinese numbers in digits: 二〇二六年十二月 is 2026年12月, 半天 0.5天."""
    return _RUN.sub(_number, text)


def _number(found: re.Match[str]) -> str:
    run = found[0]
    if run == "半":
        return "0.5"
    if "十" not in run and "百" not in run:
        return "".join(str(_DIGITS[c]) for c in run)
    total, last = 0, -1
    for sign in run:
        if sign in _TIMES:
            total += _TIMES[sign] * (1 if last < 0 else last)
            last = 0
        else:
            last = _DIGITS[sign]
    return str(total + max(last, 0))
