"""The codes of findings about GIS layers, pipes and map checks."""

from bimcore.findings import Code

_DELIVER = (
    "请以 GeoPackage（.gpkg）重新提供，并写明坐标系",
    "Deliver it again as GeoPackage (.gpkg) with its CRS",
)


def _broken(code: str, zh: str, en: str, *, severity: int = 70) -> Code:
    return Code(
        code=code, severity=severity, zh=zh, en=en, remedy_zh=_DELIVER[0], remedy_en=_DELIVER[1]
    )


UNREADABLE = _broken("GIS430", "图层无法读取：{why_zh}", "The layer cannot be read: {why_en}")
FORMAT_NOT_SUPPORTED = _broken(
    "GIS431",
    "不支持的图层格式 {suffix}",
    "Layers in the format {suffix} are not supported",
)
EMPTY_FILE = _broken("GIS432", "图层文件为空（0 字节）", "The layer file is empty (0 bytes)")
TRUNCATED = _broken("GIS433", "图层文件不完整（被截断）", "The layer file is cut off")
DISGUISED = _broken(
    "GIS434",
    "文件内容与扩展名 {suffix} 不符（实际是 {found}），已拒绝",
    "The content is not what {suffix} says (it is {found}); refused",
    severity=80,
)
FORBIDDEN_CONTENT = _broken(
    "GIS435",
    "GeoPackage 中的图层不是普通数据表（{what}），已拒绝",
    "A layer of the GeoPackage is no plain table ({what}); refused",
    severity=80,
)
UNSAFE_ARCHIVE = _broken(
    "GIS436", "压缩包不安全：{why_zh}", "The archive is not safe: {why}", severity=80
)
INCOMPLETE = _broken(
    "GIS437",
    "Shapefile 缺少 {missing} 文件",
    "The Shapefile lacks {missing}",
)
TOO_LARGE = _broken(
    "GIS438", "图层文件超过 {limit_mb} MB", "The layer file is larger than {limit_mb} MB"
)
READER_STOPPED = _broken(
    "GIS439",
    "读取图层时程序中止或超时（{why}）",
    "Reading the layer ran out of time or memory ({why})",
)
NO_FEATURES = _broken("GIS440", "图层中没有要素", "The layer holds no features", severity=40)
CRS_MISSING = Code(
    code="GIS441",
    severity=60,
    zh="图层没有可用的坐标系{hint_zh}，无法与模型比对",
    en="The layer has no CRS to go by{hint_en} and cannot be compared with the models",
    remedy_zh="为该图层指定坐标系，例如 EPSG:4549",
    remedy_en="State the layer's CRS, for example EPSG:4549",
)
PROJECTED_AS_DEGREES = Code(
    code="GIS442",
    severity=60,
    zh="图层声明为经纬度，但坐标是投影坐标（如 {x:.9g}, {y:.9g}）",
    en="The layer claims degrees but its numbers are projected (such as {x:.9g}, {y:.9g})",
    remedy_zh="为该图层指定真实的坐标系，例如 EPSG:4549",
    remedy_en="State the layer's true CRS, for example EPSG:4549",
)
LAYER_OUTSIDE = Code(
    code="GIS443",
    severity=60,
    zh="图层坐标（如 {x:.9g}, {y:.9g}）不在坐标系 {crs} 的适用范围内{hint_zh}",
    en="The layer's coordinates (such as {x:.9g}, {y:.9g}) lie outside the area of use of {crs}{hint_en}",
    remedy_zh="核对图层的坐标系与坐标顺序（X 为北）",
    remedy_en="Check the layer's CRS and the order of its coordinates (X is north)",
)
ENCODING_GUESSED = Code(
    code="GIS444",
    severity=5,
    zh="属性表未声明或错误声明文字编码，按 {encoding} 读取",
    en="The attribute table states no or a wrong encoding; it is read as {encoding}",
    remedy_zh="导出时附上 .cpg 文件",
    remedy_en="Export with a .cpg file",
)
GEOMETRY_DROPPED = Code(
    code="GIS445",
    severity=20,
    zh="{count} 个要素没有可用的几何，未参与检查",
    en="{count} features have no usable geometry and take no part",
    remedy_zh="在 GIS 软件中检查这些要素",
    remedy_en="Check these features in a GIS",
)
GEOMETRY_REPAIRED = Code(
    code="GIS446",
    severity=5,
    zh="{count} 个面自相交，已修复后使用",
    en="{count} polygons cross themselves and were repaired for use",
    remedy_zh="在 GIS 软件中修复拓扑",
    remedy_en="Repair the topology in a GIS",
)
ROLE_GUESSED = Code(
    code="GIS447",
    severity=0,
    zh="图层按“{role}”使用（依据：{because_zh}）",
    en='The layer is used as "{role}" (because of {because_en})',
    remedy_zh="如不正确，请为图层指定角色",
    remedy_en="State the layer's role if this is wrong",
)
CRS_OVERRULED = Code(
    code="GIS448",
    severity=20,
    zh="指定的坐标系 {given} 与图层坐标不符，按文件声明的 {used} 使用",
    en="The CRS given ({given}) does not fit the coordinates; the file's own ({used}) is used",
    remedy_zh="核对为图层指定的坐标系",
    remedy_en="Check the CRS given for the layer",
)
LAYER_BUDGET = Code(
    code="GIS449",
    severity=15,
    zh="图层从 {source} 转到 {target}，不确定度 ±{budget_m:.1f} 米",
    en="The layer goes from {source} to {target} with an uncertainty of {budget_m:.1f} m",
    remedy_zh="请提供项目坐标系下的图层",
    remedy_en="Have the layer delivered in the project's CRS",
)
LAYER_UNSAFE = Code(
    code="GIS450",
    severity=60,
    zh="图层从 {source} 到 {target} 没有精度已知的转换，未使用",
    en="No transformation of known accuracy leads from {source} to {target}; the layer is not used",
    remedy_zh="请提供项目坐标系下的图层",
    remedy_en="Have the layer delivered in the project's CRS",
)
TERRAIN_TRIANGULATED = Code(
    code="GIS451",
    severity=5,
    zh="地形由 {count} 个高程点（取用 {kept} 个）构成三角网，点外轮廓内的空白处为推算值",
    en="The ground is triangulated from {count} heights ({kept} taken); gaps inside are interpolated",
    remedy_zh="需要更高精度时，请提供 GeoTIFF 或 LandXML 地形",
    remedy_en="Give a GeoTIFF or LandXML terrain where more accuracy matters",
)
PIPE_WITHOUT_ELEVATION = Code(
    code="GIS452",
    severity=30,
    zh="{count} 段管线没有高程或埋深，未参与碰撞",
    en="{count} pipe segments have no elevation or depth and take no part in clash",
    remedy_zh="补充起点/终点高程，或埋深与地面高程",
    remedy_en="Add elevations of both ends, or depth and ground level",
)
PIPE_WITHOUT_SIZE = Code(
    code="GIS453",
    severity=30,
    zh="{count} 段管线没有可用的管径，未参与碰撞",
    en="{count} pipe segments have no usable size and take no part in clash",
    remedy_zh="补充管径（毫米）或宽X高",
    remedy_en="Add a diameter in millimetres or width x height",
)
PIPE_SIZE_UNIT = Code(
    code="GIS454",
    severity=0,
    zh="管径字段“{field}”按{unit_zh}理解（{because_zh}）",
    en='The size field "{field}" is read in {unit_en} ({because_en})',
    remedy_zh="如不正确，请在字段名中写明单位（如 管径mm）",
    remedy_en="If wrong, put the unit into the field name (such as d_mm)",
)
PIPE_HEIGHT_REFERENCE = Code(
    code="GIS455",
    severity=10,
    zh="高程“{field}”按{reference_zh}理解（{because_zh}）",
    en='The height "{field}" is taken at the {reference_en} ({because_en})',
    remedy_zh="如不正确，请增加字段“高程基准位置”（管顶/管中/管底）",
    remedy_en='If wrong, add a field "reference" (top, axis or invert)',
)
PIPE_TOO_SHORT = Code(
    code="GIS456",
    severity=10,
    zh="{count} 段管线长度为零，未参与碰撞",
    en="{count} pipe segments have no length and take no part in clash",
    remedy_zh="检查管线起终点",
    remedy_en="Check start and end points",
)
PIPE_OTHER_DATUM = Code(
    code="GIS457",
    severity=40,
    zh="{count} 段管线的高程基准未知或与项目不同，未参与碰撞",
    en="{count} pipe segments use an unknown or another height datum and take no part in clash",
    remedy_zh="为图层写明高程基准 vertical_datum 与改正数 datum_offset_m，或换算后重新提供",
    remedy_en="State vertical_datum and datum_offset_m for the layer, or deliver converted heights",
)
OUTSIDE_RED_LINE = Code(
    code="GIS460",
    severity=75,
    zh="{who_zh}超出用地红线，最远超出 {distance_m:.3f} 米（{name}）",
    en="{who_en} the red line, by up to {distance_m:.3f} m ({name})",
    remedy_zh="将构件移到红线内，或取得规划许可",
    remedy_en="Move them inside the red line or obtain the planning permit",
)
MODEL_OFF_SITE = Code(
    code="GIS461",
    severity=85,
    zh="模型整体在用地红线之外 {distance_m:.1f} 米（东 {shift_east_m:+.1f} 米，北 {shift_north_m:+.1f} 米）：可能是{cause_zh}",
    en="The whole model lies {distance_m:.1f} m outside the red line (east {shift_east_m:+.1f} m, north "
    "{shift_north_m:+.1f} m): probably {cause_en}",
    remedy_zh="核对模型的坐标转换、坐标系与红线图层",
    remedy_en="Check the model's conversion, its CRS and the red-line layer",
)
RED_LINE_OPEN = Code(
    code="GIS462",
    severity=60,
    zh="红线图层没有闭合的面，无法检查",
    en="The red-line layer encloses no area and cannot be checked",
    remedy_zh="以面或闭合线提供用地红线",
    remedy_en="Deliver the red line as polygons or closed lines",
)
HEIGHTS_NOT_USED = Code(
    code="GIS463",
    severity=40,
    zh="图层高程未使用：{why_zh}",
    en="The heights of the layer are not used: {why_en}",
    remedy_zh="为该图层写明高程基准 vertical_datum，与项目不同时再给出改正数 datum_offset_m",
    remedy_en="State vertical_datum for the layer and, where it differs from the project's, datum_offset_m",
)
DWG_GIVEN = Code(
    code="GIS464",
    severity=70,
    zh="DWG 图形无法读取",
    en="DWG drawings cannot be read",
    remedy_zh="在 CAD 中另存为 DXF（R2000 或更高版本）后上传",
    remedy_en="Save the drawing as DXF (R2000 or later) and upload that",
)
NOT_FOR_CHECKS = Code(
    code="GIS465",
    severity=60,
    zh="{suffix} 文件不能作为检查依据（{why_zh}）",
    en="{suffix} files are no ground for checks ({why_en})",
    remedy_zh="转换为 GeoPackage（.gpkg），写明坐标系后上传",
    remedy_en="Convert it to GeoPackage (.gpkg) with its CRS and upload that",
)
TOO_MUCH = _broken(
    "GIS466",
    "图层内容超出上限（{what_zh}），已拒绝",
    "The content of the layer goes beyond a limit ({what_en}); refused",
    severity=80,
)
OUTSIDE_REFERENCE = _broken(
    "GIS467",
    "文件试图引用自身以外的内容（{what}），已拒绝",
    "The file refers to something outside itself ({what}); refused",
    severity=80,
)
CONTRADICTORY = _broken(
    "GIS468",
    "图层内容自相矛盾：{why_zh}",
    "The content of the layer contradicts itself: {why_en}",
)
TERRAIN_THINNED = Code(
    code="GIS469",
    severity=10,
    zh="地形栅格过大，按 {step:g} 倍格距读取（{cells} 格取 {kept} 格）",
    en="The terrain is too large and is read at {step:g} times its cell size ({kept} of {cells} cells)",
    remedy_zh="需要原始精度时，请裁剪到项目周边后上传",
    remedy_en="Cut it to the surroundings of the project for its full resolution",
)
TABLES_UNKNOWN = Code(
    code="GIS470",
    severity=70,
    zh="表格不是可识别的管线普查成果：{why_zh}",
    en="The tables are no pipe survey that can be recognised: {why_en}",
    remedy_zh="提供点表（物探点号、X、Y、地面高程）与线表（起始点号、终止点号、管径、埋深）",
    remedy_en="Give a point table (number, X, Y, ground level) and a line table (from, to, size, depths)",
)


def _survey(code: str, zh: str, en: str, *, severity: int = 30) -> Code:
    return Code(
        code=code,
        severity=severity,
        zh=zh,
        en=en,
        remedy_zh="请探测单位核对并改正这些行后重新提供",
        remedy_en="Have the surveyor check and correct these rows",
    )


SURVEY_POINT = _survey(
    "GIS471",
    "管线点表有 {count} 处{what_zh}：{rows_zh}",
    "The point table has {count} cases of {what_en}: {rows_en}",
)
SURVEY_JOIN = _survey(
    "GIS472",
    "管线线表有 {count} 处{what_zh}：{rows_zh}",
    "The line table has {count} cases of {what_en}: {rows_en}",
    severity=40,
)
SURVEY_SHAPE = _survey(
    "GIS473",
    "管线线表有 {count} 段{what_zh}：{rows_zh}",
    "The line table has {count} lines with {what_en}: {rows_en}",
)
SURVEY_HEIGHTS = _survey(
    "GIS474",
    "管线高程与埋深有 {count} 处{what_zh}：{rows_zh}",
    "Heights and depths show {count} cases of {what_en}: {rows_en}",
    severity=40,
)
SURVEY_NODE = _survey(
    "GIS475",
    "管线节点有 {count} 处{what_zh}：{rows_zh}",
    "The nodes show {count} cases of {what_en}: {rows_en}",
    severity=20,
)
SURVEY_VALUE = _survey(
    "GIS476",
    "管线表中有 {count} 个{what_zh}：{rows_zh}",
    "The tables hold {count} {what_en}: {rows_en}",
    severity=20,
)
SURVEY_READ_AS = Code(
    code="GIS477",
    severity=5,
    zh="管线普查表按以下方式理解：{how_zh}",
    en="The pipe survey is read like this: {how_en}",
    remedy_zh="如不正确，请改正表头，或为图层指定 depth_ref 与高程基准",
    remedy_en="If wrong, correct the headings, or state depth_ref and the height datum of the layer",
)
CONTENT_SKIPPED = Code(
    code="GIS478",
    severity=10,
    zh="未读取的内容：{what_zh}",
    en="Not read: {what_en}",
    remedy_zh="需要这些内容时，请转换为线、面或 GeoPackage",
    remedy_en="Convert it to lines, areas or GeoPackage if it matters",
)
NO_GROUND = Code(
    code="GIS479",
    severity=40,
    zh="图层“{name}”不能作为地形：{why_zh}",
    en='The layer "{name}" cannot serve as terrain: {why_en}',
    remedy_zh="以 GeoTIFF、AAIGrid（.asc）、LandXML 或带高程的等高线提供地形",
    remedy_en="Give the terrain as GeoTIFF, AAIGrid (.asc), LandXML or contours with heights",
)

GAPS_CLOSED = Code(
    code="GIS513",
    severity=5,
    zh="图层“{name}”的线有 {count} 处缺口（最大 {gap_mm:.0f} 毫米），按闭合处理",
    en='{count} gaps of up to {gap_mm:.0f} mm in the lines of "{name}" are taken as closed',
    remedy_zh="在图中闭合这些线",
    remedy_en="Close these lines in the drawing",
)
STRAYS_DROPPED = Code(
    code="GIS514",
    severity=20,
    zh="{count} 个要素不在坐标系 {crs} 的适用范围内，未参与检查",
    en="{count} features lie outside the area of use of {crs} and take no part",
    remedy_zh="检查这些要素的坐标（如 0, 0）",
    remedy_en="Check the coordinates of these features (such as 0, 0)",
)

CODES = (
    UNREADABLE,
    FORMAT_NOT_SUPPORTED,
    EMPTY_FILE,
    TRUNCATED,
    DISGUISED,
    FORBIDDEN_CONTENT,
    UNSAFE_ARCHIVE,
    INCOMPLETE,
    TOO_LARGE,
    READER_STOPPED,
    NO_FEATURES,
    CRS_MISSING,
    PROJECTED_AS_DEGREES,
    LAYER_OUTSIDE,
    ENCODING_GUESSED,
    GEOMETRY_DROPPED,
    GEOMETRY_REPAIRED,
    ROLE_GUESSED,
    CRS_OVERRULED,
    LAYER_BUDGET,
    LAYER_UNSAFE,
    TERRAIN_TRIANGULATED,
    PIPE_WITHOUT_ELEVATION,
    PIPE_WITHOUT_SIZE,
    PIPE_SIZE_UNIT,
    PIPE_HEIGHT_REFERENCE,
    PIPE_TOO_SHORT,
    PIPE_OTHER_DATUM,
    OUTSIDE_RED_LINE,
    MODEL_OFF_SITE,
    RED_LINE_OPEN,
    HEIGHTS_NOT_USED,
    DWG_GIVEN,
    NOT_FOR_CHECKS,
    TOO_MUCH,
    OUTSIDE_REFERENCE,
    CONTRADICTORY,
    TERRAIN_THINNED,
    TABLES_UNKNOWN,
    SURVEY_POINT,
    SURVEY_JOIN,
    SURVEY_SHAPE,
    SURVEY_HEIGHTS,
    SURVEY_NODE,
    SURVEY_VALUE,
    SURVEY_READ_AS,
    CONTENT_SKIPPED,
    NO_GROUND,
    GAPS_CLOSED,
    STRAYS_DROPPED,
)
