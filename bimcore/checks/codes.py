"""The catalogue of codes found while a file is read: IFC 1xx, ELE 2xx and GEO 3xx."""

from bimcore.findings import Code

_EXPORT_ZH = "请在建模软件中重新导出 IFC 后再上传。"
_EXPORT_EN = "Export the IFC again from the authoring tool and upload it."


def _code(name: str, severity: int, *texts: str) -> Code:
    """A code whose remedy is a fresh export unless `texts` name another."""
    zh, en, *remedy = texts
    remedy_zh, remedy_en = remedy or (_EXPORT_ZH, _EXPORT_EN)
    return Code(
        code=name, severity=severity, zh=zh, en=en, remedy_zh=remedy_zh, remedy_en=remedy_en
    )


NOT_IFC = _code(
    "IFC101",
    100,
    "不是 IFC 文件：文件开头没有 ISO-10303-21 标识。",
    "Not an IFC file: it does not begin with ISO-10303-21.",
    "请上传 STEP 格式（.ifc）或其压缩包（.ifczip）。",
    "Upload a STEP physical file (.ifc) or its archive (.ifczip).",
)
WRONG_EXTENSION = _code(
    "IFC102",
    100,
    "文件名 {name} 的扩展名与内容不符或不受支持。",
    "The extension of {name} is not supported or does not match its content.",
    "请使用 .ifc 或 .ifczip，并与内容一致。",
    "Use .ifc or .ifczip, matching the content.",
)
EMPTY_FILE = _code("IFC103", 100, "文件为空（0 字节）。", "The file is empty (0 bytes).")
TOO_LARGE = _code(
    "IFC104",
    100,
    "文件为 {size_bytes} 字节，超过上限 {limit_bytes} 字节。",
    "The file has {size_bytes} bytes, over the limit of {limit_bytes} bytes.",
    "请按专业或楼层拆分模型，或请管理员提高上限。",
    "Split the model by discipline or storey, or ask an administrator to raise the limit.",
)
TRUNCATED = _code(
    "IFC105",
    100,
    "文件不完整：末尾缺少 END-ISO-10303-21。",
    "The file is incomplete: END-ISO-10303-21 is missing at its end.",
    "上传或导出可能中断，请重新导出并完整上传。",
    "The upload or the export was cut off; export again and upload the whole file.",
)
UNSUPPORTED_SCHEMA = _code(
    "IFC106",
    100,
    "不支持的 IFC 版本：{schema}。",
    "Unsupported IFC schema: {schema}.",
    "请导出为 IFC2X3、IFC4 或 IFC4X3（ADD2）。",
    "Export as IFC2X3, IFC4 or IFC4X3 (ADD2).",
)
NO_SCHEMA = _code(
    "IFC107",
    100,
    "文件头没有声明 IFC 版本（FILE_SCHEMA）。",
    "The header declares no schema (FILE_SCHEMA).",
)
IFCXML = _code(
    "IFC108",
    100,
    "不支持 ifcXML。",
    "ifcXML is not supported.",
    "请导出为 STEP 格式（.ifc）。",
    "Export as a STEP physical file (.ifc).",
)
BAD_ZIP = _code(
    "IFC110",
    100,
    "压缩包已损坏：{detail}。",
    "The archive is damaged: {detail}.",
    "请重新压缩并上传，或直接上传 .ifc。",
    "Pack it again, or upload the .ifc itself.",
)
ZIP_CONTENT = _code(
    "IFC111",
    100,
    "压缩包内应恰有 1 个 .ifc 文件，实际为 {count} 个。",
    "The archive must hold exactly one .ifc file; it holds {count}.",
    "请每个模型单独压缩上传。",
    "Pack and upload each model by itself.",
)
ZIP_BOMB = _code(
    "IFC112",
    100,
    "压缩包超出安全限制：{why_zh}。",
    "The archive exceeds the safety limits: {why}.",
    "请直接上传 .ifc。",
    "Upload the .ifc itself.",
)
ZIP_UNSAFE = _code(
    "IFC113",
    100,
    "压缩包含不安全的条目 {entry}：{why_zh}。",
    "The archive holds an unsafe entry {entry}: {why}.",
    "请只压缩 .ifc 文件本身，不加密、不含路径、不嵌套。",
    "Pack the .ifc alone: no password, no path, no nested archive.",
)
SYNTAX = _code(
    "IFC120",
    100,
    "文件语法错误，无法读取：{detail_zh}。",
    "The file has a syntax error and cannot be read: {detail}.",
)
CRASHED = _code(
    "IFC121",
    100,
    "读取该文件时程序崩溃（{detail}）；服务不受影响。",
    "Reading the file crashed the reader ({detail}); the service goes on.",
    "请原样再上传一次；仍然失败时，请在建模软件中重新导出 IFC 后再上传。",
    "Upload the same file once more; if it fails again, export the IFC again and upload that.",
)
TIMED_OUT = _code(
    "IFC122",
    100,
    "读取该文件超过 {limit_s} 秒的时限（阶段：{stage}）。",
    "Reading the file took longer than {limit_s} s (stage: {stage}).",
    "请检查模型中异常复杂的几何，或按楼层拆分后上传。",
    "Look for unusually complex geometry, or split the model by storey.",
)
OUT_OF_MEMORY = _code(
    "IFC123",
    100,
    "读取该文件所需内存超过上限（阶段：{stage}）。",
    "Reading the file needs more memory than allowed (stage: {stage}).",
    "请检查模型中异常复杂的几何，或按楼层拆分后上传。",
    "Look for unusually complex geometry, or split the model by storey.",
)
DAMAGED_RESULT = _code(
    "IFC124",
    100,
    "读取程序给出的结果无效：{detail}。",
    "The reader gave an invalid result: {detail}.",
)
UNKNOWN_ENTITIES = _code(
    "IFC130",
    60,
    "{count} 个实例的类型不属于 {schema}，已忽略：{names}。",
    "{count} instances have types unknown to {schema} and were left out: {names}.",
)
DANGLING = _code(
    "IFC131",
    60,
    "{count} 处引用指向不存在的实例，例如 #{first}。",
    "{count} references point to instances that do not exist, for example #{first}.",
)
REPEATED_IDS = _code(
    "IFC132",
    60,
    "{count} 个实例编号重复，例如 #{first}；重复者可能丢失。",
    "{count} instance numbers are repeated, for example #{first}; the repeats may be lost.",
)
HEADER = _code(
    "IFC133",
    20,
    "文件头不符合规范：{detail}。",
    "The header does not follow the standard: {detail}.",
)
NO_LENGTH_UNIT = _code(
    "IFC135",
    50,
    "文件没有可用的长度单位，按米处理。",
    "The file has no usable length unit; metres are assumed.",
)
UNREADABLE_ATTRIBUTES = _code(
    "IFC136",
    50,
    "{count} 个属性或关系无法读取，例如：{detail}。",
    "{count} attributes or relations could not be read, for example: {detail}.",
)
FOREIGN_LETTERS = _code(
    "IFC137",
    10,
    "{count} 处文字未按 STEP 标准转义（\\X2\\），已按 {encoding} 编码读取。",
    "{count} texts are not escaped as STEP asks (\\X2\\); they were read as {encoding}.",
    "请核对名称是否正确；其他软件可能显示为空白或乱码，建议导出时选择标准编码。",
    "Check the names; other programs may show gaps or garbage, so have the export escape them.",
)
NO_NUMBERS = _code(
    "IFC138",
    60,
    "{count} 个点或方向的坐标不是数字，例如 #{first}；用到它们的构件位置或形状可能不对。",
    "{count} points or directions hold something else than numbers, for example #{first}; "
    "elements that use them may stand in the wrong place or have the wrong shape.",
)
SEVERAL_PROJECTS = _code(
    "IFC134",
    40,
    "文件含 {count} 个项目（IfcProject），长度单位取自第一个。",
    "The file holds {count} projects (IfcProject); the units of the first are used.",
    "请每个项目单独导出；若各项目单位不同，其他项目的构件尺寸可能不对。",
    "Export each project by itself; where their units differ, elements of the others have wrong "
    "sizes.",
)
STRAY_BACKSLASHES = _code(
    "IFC139",
    10,
    "{count} 个反斜杠未按 STEP 标准转义，已按普通字符读取。",
    "{count} backslashes are not escaped as STEP asks; they were read as plain characters.",
    "请核对相关名称和属性；其他软件可能拒绝读取此文件。",
    "Check the texts; other programs may refuse the file.",
)

DUPLICATE_GUID = _code(
    "ELE201",
    50,
    "{count} 个构件与其他构件的 GlobalId 相同。",
    "{count} elements share a GlobalId with another element.",
    "请在建模软件中重新生成 GlobalId；重复会使问题跟踪不可靠。",
    "Regenerate GlobalIds in the authoring tool; repeats make tracking unreliable.",
)
MALFORMED_GUID = _code(
    "ELE202",
    40,
    "{count} 个构件的 GlobalId 不是合法的 22 位编码。",
    "{count} elements have a GlobalId that is no valid 22-character code.",
)
OUTSIDE_TREE = _code(
    "ELE203",
    30,
    "{count} 个构件不属于任何空间（楼层、建筑或场地）。",
    "{count} elements belong to no spatial element (storey, building or site).",
    "请在建模软件中为其指定楼层。",
    "Assign them to a storey in the authoring tool.",
)
NO_STOREYS = _code(
    "ELE204",
    30,
    "模型有建筑构件但没有楼层（IfcBuildingStorey）。",
    "The model has building elements but no storey (IfcBuildingStorey).",
    "请在导出设置中包含楼层。",
    "Include storeys in the export settings.",
)
MANY_PROXIES = _code(
    "ELE205",
    20,
    "{count} 个构件是未分类的代理对象（IfcBuildingElementProxy），占 {share_percent}%。",
    "{count} elements are unclassified proxies (IfcBuildingElementProxy), {share_percent} %.",
    "请在导出映射中为其指定 IFC 类别，否则按一般构件检查。",
    "Map them to IFC classes on export; otherwise they are checked as generic bodies.",
)
UNNAMED_STOREYS = _code(
    "ELE206",
    20,
    "{count} 个楼层没有名称，已用标高命名。",
    "{count} storeys have no name and were named by elevation.",
    "请为楼层命名。",
    "Name the storeys.",
)
NO_SYSTEM = _code(
    "ELE207",
    10,
    "{count} 个机电构件未归入任何系统。",
    "{count} building-services elements belong to no system.",
    "请在导出设置中包含系统信息。",
    "Include systems in the export settings.",
)
TREE_LOOP = _code(
    "ELE208",
    50,
    "{count} 个构件的分解或洞口关系循环引用自身。",
    "{count} elements contain or cut themselves through their relations.",
)
STOREY_MISMATCH = _code(
    "ELE209",
    20,
    "{count} 个构件与所属楼层标高相差超过 {limit_m} 米。",
    "{count} elements stand more than {limit_m} m away from the elevation of their storey.",
    "请核对构件的楼层归属。",
    "Check the storey of these elements.",
)

BODY_MISSING = _code(
    "GEO301",
    60,
    "{count} 个构件有几何表达，但无法生成实体。",
    "{count} elements have a body representation from which no body could be made.",
    "这些构件未参与碰撞检查；请检查其几何后重新导出。",
    "They take no part in clash detection; check their geometry and export again.",
)
DEGENERATE = _code(
    "GEO302",
    30,
    "{count} 个构件的几何退化（没有面积或体积）。",
    "{count} elements have degenerate geometry (no area or volume).",
)
OPEN_BODY = _code(
    "GEO303",
    10,
    "{count} 个构件的实体不封闭，碰撞只能按表面判断。",
    "{count} bodies are open; clashes with them are judged by surfaces only.",
    "如需精确的侵入深度，请以实体方式导出。",
    "Export them as solids where exact depths matter.",
)
ABSURD_COORDINATES = _code(
    "GEO304",
    60,
    "{count} 个构件的坐标异常（距原点超过 {limit_m} 米或不是有限数），未参与检查。",
    "{count} elements have absurd coordinates (over {limit_m} m away, or not finite) and are "
    "left out.",
    "请检查长度单位和放置坐标。",
    "Check the length unit and the placements.",
)
ABSURD_SIZE = _code(
    "GEO305",
    40,
    "{count} 个构件的尺寸异常（最大 {largest_m} 米）。",
    "{count} elements have an absurd size (largest {largest_m} m).",
    "请检查长度单位和几何。",
    "Check the length unit and the geometry.",
)
BODY_CRASHED = _code(
    "GEO306",
    60,
    "{count} 个构件的几何使内核崩溃，已隔离。",
    "{count} elements crash the geometry kernel and were set apart.",
    "这些构件未参与碰撞检查；请检查其几何后重新导出。",
    "They take no part in clash detection; check their geometry and export again.",
)
BODY_TIMED_OUT = _code(
    "GEO307",
    60,
    "{count} 个构件的几何计算超时，已隔离。",
    "{count} elements take too long to mesh and were set apart.",
    "这些构件未参与碰撞检查；请简化其几何后重新导出。",
    "They take no part in clash detection; simplify their geometry and export again.",
)
BODY_MEMORY = _code(
    "GEO308",
    60,
    "{count} 个构件的几何所需内存超限，已隔离。",
    "{count} elements need too much memory to mesh and were set apart.",
    "这些构件未参与碰撞检查；请简化其几何后重新导出。",
    "They take no part in clash detection; simplify their geometry and export again.",
)
REFEREE_SKIPPED = _code(
    "GEO309",
    20,
    "{count} 个构件未能用第二内核复核，保留第一内核的结果。",
    "{count} bodies could not be made again with the second kernel; the first result stays.",
    "这些构件的实体可能不封闭或少开洞。",
    "Their bodies may be open or lack a cut.",
)
FAR_FROM_ORIGIN = _code(
    "GEO310",
    10,
    "模型距坐标原点 {distance_m} 米。",
    "The model stands {distance_m} m away from the origin.",
    "如果这是测量坐标，请确认地理参考设置。",
    "If these are survey coordinates, confirm the georeference.",
)
NO_BODY_MADE = _code(
    "GEO311",
    100,
    "没有任何构件能生成实体（共 {count} 个有几何表达）。",
    "Not one body could be made (of {count} elements with a representation).",
)
NO_BODIES = _code(
    "GEO312",
    30,
    "模型不含任何带实体几何的构件。",
    "The model holds no element with body geometry.",
    "请检查导出设置是否包含三维几何。",
    "Check that the export includes 3D geometry.",
)
GEOMETRY_LOOP = _code(
    "GEO313",
    60,
    "{count} 个构件的放置或几何循环引用自身（实例 {instances}），已隔离。",
    "{count} elements have a placement or geometry that refers to itself in a circle "
    "(instances {instances}) and were set apart.",
)
TOO_DEEP = _code(
    "GEO314",
    60,
    "{count} 个构件的几何嵌套达 {depth} 层，超过上限 {limit}，已隔离。",
    "{count} elements nest their geometry {depth} levels deep, over the limit of {limit}, and "
    "were set apart.",
)
EXPANSION = _code(
    "GEO315",
    60,
    "{count} 个构件的几何展开后过于庞大，已隔离。",
    "{count} elements expand to far too much geometry and were set apart.",
)
UNCUT = _code(
    "GEO316",
    40,
    "{count} 个构件各有超过 {limit} 个洞口，未做开洞复核。",
    "{count} elements have more than {limit} openings each; their cuts were not verified.",
)
SHEET_BODY = _code(
    "GEO317",
    10,
    "{count} 个构件的几何是没有厚度的面。",
    "{count} elements are surfaces without thickness.",
    "如需精确的侵入深度，请以实体方式导出。",
    "Export them as solids where exact depths matter.",
)
NO_BODY_GIVEN = _code(
    "GEO318",
    20,
    "{count} 个构件没有实体几何，未参与碰撞检查。",
    "{count} elements come without body geometry and take no part in clash detection.",
    "如需检查，请在导出设置中包含这些构件的三维几何。",
    "Include their 3D geometry in the export where they are to be checked.",
)
PARTIAL_BODY = _code(
    "GEO319",
    40,
    "{count} 个构件的部分几何无法生成，其实体可能不完整。",
    "Part of the geometry of {count} elements could not be made; their bodies may lack it.",
    "这些构件的碰撞结果可能有遗漏；请简化其几何后重新导出。",
    "Conflicts with what is missing are not found; simplify their geometry and export again.",
)
SMOOTHED = _code(
    "GEO320",
    20,
    "{count} 个构件的轮廓点过多（或其洞口过多），轮廓经过简化，偏差不超过 {off_m} 米。",
    "{count} elements have outlines of too many corners, or too many openings in them; their "
    "outlines were simplified by up to {off_m} m.",
    "请核对这些构件边缘处的碰撞结果，或减少轮廓点后重新导出。",
    "Check conflicts at their edges, or export them with fewer corners.",
)
CUT_AWAY = _code(
    "GEO321",
    20,
    "{count} 个构件被自身的洞口或切割全部切去，没有剩余实体，未参与碰撞检查。",
    "{count} elements are cut away entirely by their own openings or cuts; nothing is left that "
    "could take part in clash detection.",
    "请在建模软件中核对这些构件的洞口和切割。",
    "Check the openings and cuts of these elements in the authoring tool.",
)

CODES: tuple[Code, ...] = tuple(
    value for value in dict(globals()).values() if isinstance(value, Code)
)
