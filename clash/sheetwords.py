"""Titles, headings and the guide of the rule workbook, in Chinese and English."""

from collections.abc import Mapping

from clash.texts import both

MATRIX, SELECTORS, RULES = "矩阵 Matrix", "选择集 Selectors", "规则 Rules"
EXCLUSIONS, GUIDE = "例外 Exclusions", "说明 Guide"
SHEETS = (MATRIX, SELECTORS, RULES, EXCLUSIONS, GUIDE)
#: Chinese heading and width of each column, by its key.
SELECTOR_COLUMNS: Mapping[str, tuple[str, int]] = {
    "name": ("名称", 18),
    "title": ("中文标题", 18),
    "title_en": ("英文标题", 18),
    "disciplines": ("专业", 16),
    "classes": ("IFC类", 24),
    "not_classes": ("排除的IFC类", 24),
    "types": ("类型", 22),
    "names": ("构件名", 22),
    "systems": ("系统", 18),
    "storeys": ("楼层", 14),
    "classifications": ("分类编码", 18),
    "models": ("模型", 18),
    "properties": ("属性条件", 44),
}
RULE_COLUMNS: Mapping[str, tuple[str, int]] = {
    "id": ("编号", 30),
    "kind": ("种类", 12),
    "tolerance_mm": ("毫米", 12),
    "left": ("A 侧", 30),
    "right": ("B 侧", 30),
    "title": ("中文标题", 30),
    "title_en": ("英文标题", 30),
}
#: Headings that earlier workbooks have.
FORMER_WORDS: Mapping[str, str] = {"left": "甲方", "right": "乙方"}
EXCLUSION_COLUMNS: Mapping[str, tuple[str, int]] = {
    "id": ("编号", 24),
    "declared_by": ("声明方", 18),
    "elements": ("己方构件", 30),
    "against": ("相对构件", 30),
    "reason": ("理由", 44),
    "reason_en": ("英文理由", 44),
}
GUIDE_LINES = (
    both(
        "“矩阵”表：每行每列一个专业或选择集，格内写种类和毫米数，如“硬碰撞 5”“净距 50”“重复 5”，"
        "几项用分号隔开。空格表示不检查，报告会列出。对称的两格填一格即可，都填则须一致。",
        "Matrix: a row and a column for each discipline or selector; a cell holds kind and "
        'millimetres: "hard 5", "clearance 50", "duplicate 5", several with semicolons. An empty '
        "cell is not tested, and the report says so. Fill one of two mirrored cells, or both "
        "alike.",
    ),
    both(
        "硬碰撞：重叠深度超过该值即为碰撞；净距：间距小于该值即为不足；重复：两个相同构件相距不超过该值。",
        "hard: bodies that overlap deeper than this clash. clearance: the gap asked for. "
        "duplicate: how far apart two equal bodies may stand.",
    ),
    both(
        "“选择集”表：一格可写多个词，每行一个（Alt+Enter）；各列须同时满足，同列任一词满足即可，"
        "属性条件须全部满足。* 和 ? 为通配符，不分大小写和全角半角。IFC 类含其子类。",
        "Selectors: several words in a cell, one a line (Alt+Enter). All columns must match, one "
        "word of a column is enough, all property conditions must hold. * and ? are wildcards; "
        "case and full-width forms do not matter. IFC classes include their subtypes.",
    ),
    both(
        "属性条件：Pset_WallCommon.LoadBearing = 是；*.FireRating = EI60 | EI90；"
        "Qto_WallBaseQuantities.Length >= 3000（单位随文件）；Pset_X.Y（存在）；前面加 not 表示相反。",
        "Property conditions: Pset_WallCommon.LoadBearing = TRUE; *.FireRating = EI60 | EI90; "
        "Qto_WallBaseQuantities.Length >= 3000 (in the units of the file); Pset_X.Y (exists); "
        "not in front turns one round.",
    ),
    both(
        "“规则”表：矩阵以外的规则。名称以“编号:left”等结尾的选择集只属于该规则。",
        'Rules: rules beside the matrix. Selectors called "id:left" and the like belong to that '
        "rule alone.",
    ),
    both(
        "“例外”表：一方（专业或模型名）声明其构件与另一方的碰撞不必显示，须写明理由；"
        "结果仍保留在数据里，可统计，删除该行即恢复。",
        "Exclusions: one side (a discipline, or the name of a model) declares that conflicts of "
        "its elements with others need not be shown, and why. They stay in the data, are counted, "
        "and come back when the row is deleted.",
    ),
)
