"""The codes of files that are exchanged: BCF archives and viewer tiles."""

from bimcore.findings import Code

NOT_BCF = Code(
    code="BCF701",
    severity=100,
    zh="文件不是可读取的 BCF 压缩包：{why}。",
    en="The file is no BCF archive that can be read: {why}.",
    remedy_zh="请从原软件重新导出 BCF 2.1 或 3.0 文件。",
    remedy_en="Export the file again as BCF 2.1 or 3.0.",
)
UNSAFE_ARCHIVE = Code(
    code="BCF702",
    severity=100,
    zh="压缩包不安全：{why}，未读取。",
    en="The archive is not safe and was not read: {why}.",
    remedy_zh="请重新导出文件；如内容确实很大，请分成几个文件。",
    remedy_en="Export the file again; split it where it is really that large.",
)
UNKNOWN_VERSION = Code(
    code="BCF703",
    severity=100,
    zh="不支持的 BCF 版本 {version}。",
    en="BCF version {version} is not supported.",
    remedy_zh="请导出 BCF 2.1 或 3.0。",
    remedy_en="Export BCF 2.1 or 3.0.",
)
BROKEN_TOPIC = Code(
    code="BCF711",
    severity=40,
    zh="问题夹“{folder}”无法读取：{why}。",
    en='Topic folder "{folder}" cannot be read: {why}.',
    remedy_zh="其余问题已读取；请在原软件中检查这一条。",
    remedy_en="All other topics were read; look at this one in the tool it came from.",
)
FOLDER_MISMATCH = Code(
    code="BCF712",
    severity=5,
    zh="问题夹“{folder}”与其标识 {guid} 不一致，按标识读取。",
    en='Topic folder "{folder}" differs from its Guid {guid}; read by the Guid.',
    remedy_zh="无需处理；建议告知导出软件的厂商。",
    remedy_en="Nothing to do; tell the maker of the exporting tool.",
)
MISSING_PART = Code(
    code="BCF713",
    severity=10,
    zh="问题 {guid} 引用的文件“{file}”不在压缩包中。",
    en='Topic {guid} names the file "{file}" that is not in the archive.',
    remedy_zh="缺少视点或截图；请重新导出。",
    remedy_en="The viewpoint or the picture is missing; export again.",
)
TOO_MANY_ELEMENTS = Code(
    code="BCF730",
    severity=100,
    zh="一个场景中超过 1600 万个构件，无法显示。",
    en="More than 16 million elements in one scene cannot be shown.",
    remedy_zh="请减少同时审查的模型。",
    remedy_en="Review fewer models together.",
)

CODES = (
    NOT_BCF,
    UNSAFE_ARCHIVE,
    UNKNOWN_VERSION,
    BROKEN_TOPIC,
    FOLDER_MISMATCH,
    MISSING_PART,
    TOO_MANY_ELEMENTS,
)
