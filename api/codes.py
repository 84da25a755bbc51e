"""The catalogued codes of the service, SRV 9xx."""

from bimcore.findings import Code


def _code(number: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Code:
    return Code(code=number, severity=100, zh=zh, en=en, remedy_zh=remedy_zh, remedy_en=remedy_en)


BAD_REQUEST = _code(
    "SRV900",
    "请求无效：{why_zh}",
    "The request is not valid: {why}",
    "请按接口说明修改后重试。",
    "Correct the request as the API document says and try again.",
)
NOT_SIGNED_IN = _code(
    "SRV901",
    "未登录或登录已过期。",
    "You are not signed in, or the sign-in has expired.",
    "请重新登录，或使用有效的访问令牌。",
    "Sign in again or use a valid access token.",
)
WRONG_PASSWORD = _code(
    "SRV902",
    "用户名或密码不正确。",
    "The name or the password is wrong.",
    "请检查后重试；忘记密码请联系管理员。",
    "Check both and try again; ask the administrator for a new password.",
)
FORBIDDEN = _code(
    "SRV903",
    "您的角色（{role}）不能执行此操作。",
    "Your role ({role}) may not do this.",
    "请项目管理员调整您的角色，或由有权限的人员操作。",
    "Ask the project administrator for another role or have it done by someone who may.",
)
CROSS_SITE = _code(
    "SRV906",
    "请求缺少 X-Yuyan-Request 头，已按跨站请求拒绝。",
    "The X-Yuyan-Request header is missing; the request was refused as cross-site.",
    "使用 Cookie 登录时，请在修改类请求中加入 X-Yuyan-Request: 1。",
    "With the session cookie, send X-Yuyan-Request: 1 with every change.",
)
NOT_ALLOWED = _code(
    "SRV908",
    "此地址不支持该方法。",
    "This address does not support the method.",
    "请查看接口说明。",
    "See the API document.",
)
NOT_FOUND = _code(
    "SRV904",
    "没有找到所请求的内容。",
    "What you asked for was not found.",
    "请检查地址；也可能您不是该项目的成员。",
    "Check the address; you may also not be a member of the project.",
)
CONFLICT = _code(
    "SRV909",
    "与现有内容冲突：{why_zh}",
    "This conflicts with what exists: {why}",
    "请换一个名称，或先处理已有内容。",
    "Choose another name or deal with what exists first.",
)
UNKNOWN_CRS = _code(
    "SRV932",
    "坐标系“{name}”{why_zh}。",
    'The coordinate system "{name}" {why}.',
    "请填写投影坐标系的 EPSG 代码，例如 EPSG:4549，或 tmerc:lon_0=106.5,x_0=500000,ellps=CGCS2000。",
    "Give the EPSG code of a projected system such as EPSG:4549, or "
    "tmerc:lon_0=106.5,x_0=500000,ellps=CGCS2000.",
)
STALE = _code(
    "SRV912",
    "内容已被他人修改。",
    "Someone else has changed this in the meantime.",
    "请重新载入后再修改。",
    "Load it again and repeat your change.",
)
NO_IF_MATCH = _code(
    "SRV928",
    "缺少 If-Match 请求头。",
    "The If-Match header is missing.",
    "请先读取内容，并把返回的 ETag 放入 If-Match。",
    "Read it first and send its ETag as If-Match.",
)
TOO_LARGE = _code(
    "SRV913",
    "文件超过大小上限 {limit_bytes} 字节。",
    "The file is larger than the limit of {limit_bytes} bytes.",
    "请拆分模型后上传，或请管理员提高 YUYAN_UPLOAD_BYTES。",
    "Split the model, or ask the administrator to raise YUYAN_UPLOAD_BYTES.",
)
QUOTA = _code(
    "SRV914",
    "项目的存储配额 {limit_bytes} 字节已用完。",
    "The project has used up its {limit_bytes} bytes.",
    "请管理员提高 YUYAN_PROJECT_BYTES。",
    "Ask the administrator to raise YUYAN_PROJECT_BYTES.",
)
WRONG_TYPE = _code(
    "SRV915",
    "不支持的文件类型“{extension}”；可用：{allowed}。",
    'Files of type "{extension}" are not supported; use {allowed}.',
    "请从原软件导出为以上格式之一后再上传（模型请用 STEP 格式的 .ifc 或 .ifczip）。",
    "Export one of these formats from the authoring tool (a model in the STEP form .ifc, or .ifczip).",
)
EMPTY_FILE = _code(
    "SRV916",
    "文件是空的（0 字节）。",
    "The file is empty (0 bytes).",
    "请检查导出是否成功，然后重新上传。",
    "Check that the export succeeded and upload again.",
)
HASH_MISMATCH = _code(
    "SRV917",
    "收到的内容与声明的 SHA-256 不符。",
    "What arrived does not have the SHA-256 that was announced.",
    "传输中可能损坏，请重新上传。",
    "It may have been damaged on the way; upload it again.",
)
UPLOAD_CUT = _code(
    "SRV918",
    "上传没有完成：{why_zh}",
    "The upload did not complete: {why}",
    "请检查网络后重新上传；未完成的内容不会成为版本。",
    "Check the connection and upload again; nothing incomplete becomes a revision.",
)
LOCKED = _code(
    "SRV919",
    "该上传正在由另一个连接写入。",
    "Another connection is writing to this upload.",
    "请稍候再续传。",
    "Wait a moment before you resume it.",
)
WRONG_OFFSET = _code(
    "SRV920",
    "续传位置不符：服务器已有 {position} 字节。",
    "The upload does not go on here: the server has {position} bytes.",
    "请用 HEAD 查询位置后再续传。",
    "Ask for the offset with HEAD and resume there.",
)
CHUNK_DAMAGED = _code(
    "SRV921",
    "这一段数据的校验和不符，已丢弃。",
    "The checksum of this part is wrong; it was dropped.",
    "请重新发送这一段。",
    "Send the part again.",
)
TUS_VERSION = _code(
    "SRV922",
    "需要 Tus-Resumable: 1.0.0 请求头。",
    "The header Tus-Resumable: 1.0.0 is needed.",
    "请使用支持 tus 1.0 的客户端。",
    "Use a client that speaks tus 1.0.",
)
TOO_MANY = _code(
    "SRV929",
    "尝试过于频繁，请 {seconds} 秒后再试。",
    "Too many attempts; try again in {seconds} seconds.",
    "请稍候再试。",
    "Wait and try again.",
)
DISK_FULL = _code(
    "SRV907",
    "服务器存储空间不足。",
    "The server has too little free disk space.",
    "请联系管理员清理空间；已上传的内容不受影响。",
    "Ask the administrator to free space; what was uploaded is safe.",
)
BODY_CUT = _code(
    "SRV933",
    "请求正文没有在限定时间内到齐。",
    "The body of the request did not arrive in time.",
    "请检查网络后重试。",
    "Check the connection and try again.",
)
BODY_TOO_LARGE = _code(
    "SRV934",
    "请求正文过大。",
    "The body of the request is too large.",
    "请分几次发送；文件请用上传地址。",
    "Send it in parts; files have addresses of their own.",
)
BUSY = _code(
    "SRV905",
    "数据库暂时不可用。",
    "The database is not available at the moment.",
    "请稍后重试。",
    "Try again in a moment.",
)
INTERNAL = _code(
    "SRV950",
    "服务内部错误（编号 {incident}）。",
    "The service made an error (incident {incident}).",
    "请稍后重试；若再次出现，请把编号告知管理员。",
    "Try again later; if it happens again, give the incident number to the administrator.",
)
JOB_CRASHED = _code(
    "SRV951",
    "计算进程意外终止（{how}）。",
    "The computing process ended unexpectedly ({how}).",
    "请重试；若再次出现，请联系管理员并附上模型。",
    "Try again; if it happens again, send the model to the administrator.",
)
JOB_TIMEOUT = _code(
    "SRV952",
    "计算超过时间上限 {seconds} 秒，已停止。",
    "The computation was stopped after its limit of {seconds} seconds.",
    "请拆分模型，或请管理员提高时间上限。",
    "Split the model or ask the administrator for a higher limit.",
)
JOB_POISON = _code(
    "SRV953",
    "作业在 {attempts} 次启动后仍未完成，已放弃。",
    "The job was given up after {attempts} starts.",
    "请联系管理员查看日志。",
    "Ask the administrator to look at the log.",
)
JOB_CANCELLED = _code(
    "SRV954",
    "作业已被取消。",
    "The job was cancelled.",
    "需要时请重新启动。",
    "Start it again when needed.",
)
NO_REPAIR = _code(
    "SRV958",
    "该版本没有可确认的此项修正（判定为 {verdict}）。",
    "This revision has no such repair to confirm; its verdict is {verdict}.",
    "请刷新后按当前判定确认，或录入坐标转换。",
    "Reload and confirm the present verdict, or enter a placement.",
)
NOTHING_TO_REVIEW = _code(
    "SRV955",
    "没有可审查的模型版本。",
    "There is no usable model revision to review.",
    "请先上传至少一个可用的 IFC 模型。",
    "Upload at least one usable IFC model first.",
)
WORKER_RUNNING = _code(
    "SRV956",
    "已有计算进程在使用该数据目录。",
    "Another worker uses this data folder.",
    "请先停止它；需要多个计算进程时请使用 PostgreSQL。",
    "Stop it first, or use PostgreSQL for several workers.",
)
PROJECT_FILE = _code(
    "SRV910",
    "项目设置文件无效。",
    "The project file is not valid.",
    "请按提示修改所指的键。",
    "Correct the key that the message names.",
)
UNKNOWN_FORMAT = _code(
    "SRV911",
    "不支持的输出格式。",
    "The output format is not known.",
    "可用格式：json、bcf、html、xlsx、geojson、gpkg、glb。",
    "Choose among json, bcf, html, xlsx, geojson, gpkg and glb.",
)
NO_PLAN = _code(
    "SRV930",
    "这次审查没有施工进度计划，因此没有施工预演。",
    "This run has no construction schedule, so there is no rehearsal.",
    "请上传进度计划（MSPDI XML、XER、P6 XML、CSV、XLSX 或含任务的 IFC）后重新审查。",
    "Upload a schedule (MSPDI XML, XER, P6 XML, CSV, XLSX, or IFC with tasks) and review again.",
)
EARLIER_USED = Code(
    code="SRV931",
    severity=60,
    zh="“{name}”第 {revision} 版（{file}）不可用：{why_zh}；审查仍用第 {used} 版（{used_file}）",
    en='Revision {revision} of "{name}" ({file}) cannot be used: {why_en}; the review goes on with '
    "revision {used} ({used_file})",
    remedy_zh="修正文件后以同名重新上传。",
    remedy_en="Correct the file and upload it again under the same name.",
)

CODES = (
    NO_PLAN,
    EARLIER_USED,
    WORKER_RUNNING,
    PROJECT_FILE,
    UNKNOWN_FORMAT,
    BAD_REQUEST,
    NOT_SIGNED_IN,
    WRONG_PASSWORD,
    FORBIDDEN,
    CROSS_SITE,
    NOT_ALLOWED,
    NOT_FOUND,
    BODY_CUT,
    BODY_TOO_LARGE,
    BUSY,
    DISK_FULL,
    CONFLICT,
    STALE,
    TOO_LARGE,
    QUOTA,
    WRONG_TYPE,
    EMPTY_FILE,
    HASH_MISMATCH,
    UPLOAD_CUT,
    LOCKED,
    WRONG_OFFSET,
    CHUNK_DAMAGED,
    TUS_VERSION,
    NO_IF_MATCH,
    TOO_MANY,
    INTERNAL,
    JOB_CRASHED,
    JOB_TIMEOUT,
    JOB_POISON,
    JOB_CANCELLED,
    NOTHING_TO_REVIEW,
    UNKNOWN_CRS,
    NO_REPAIR,
)
