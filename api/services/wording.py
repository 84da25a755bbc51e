"""What is wrong with a request that does not fit its schema, in both languages."""

from collections.abc import Mapping
from typing import Any

_ZH: Mapping[str, str] = {
    "missing": "缺少此项",
    "extra_forbidden": "没有这个参数",
    "json_invalid": "不是有效的 JSON（{error}）",
    "string_type": "应为文字",
    "string_too_long": "最多 {max_length} 个字符",
    "string_too_short": "至少 {min_length} 个字符",
    "string_pattern_mismatch": "不符合格式 {pattern}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为数组",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "literal_error": "应为以下之一：{expected}",
    "enum": "应为以下之一：{expected}",
}
_NO_OBJECT = frozenset({"dict_type", "model_type", "model_attributes_type"})


def complaint(error: Mapping[str, Any]) -> dict[str, str]:
    """Where one error of a request is, and what it is in English and Chinese.

    Parameters
    ----------
    error : mapping
        An entry of pydantic's list: ``loc``, ``type``, ``msg`` and ``ctx``.

    """
    where = ".".join(str(part) for part in error["loc"])
    kind, english = error["type"], error["msg"]
    if where == "body" and kind in _NO_OBJECT:
        return {
            "where": where,
            "what": "send a JSON object, with Content-Type: application/json",
            "what_zh": "请发送 JSON 对象，并带上 Content-Type: application/json",
        }
    if kind == "extra_forbidden":
        english = "There is no such parameter"
    context = {k: _chosen(v) for k, v in (error.get("ctx") or {}).items()}
    try:
        chinese = _ZH[kind].format(**context)
    except KeyError:
        chinese = english
    return {"where": where, "what": english, "what_zh": chinese}


def _chosen(value: Any) -> str:
    # pydantic joins the last of several values by an English word
    return str(value).replace(" or ", "、").replace(", ", "、")
