"""The command line: one command, heavy imports inside the subcommands."""

import argparse
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from api.commands.exits import OUR_FAULT

_CHECK_EXITS = """\
exit 退出码:
  0  ran 审查完成
  1  ran, an issue has severity --fail-on or more 有问题达到 --fail-on 的严重度
  2  input unusable, one line per file says why 输入不可用，逐个文件说明原因
  3  our fault 程序自身的错误
"""


def parser() -> argparse.ArgumentParser:
    """Build the parser; imports nothing heavy, so that ``--help`` is quick."""
    root = argparse.ArgumentParser(
        prog="yuyan",
        description="预演: review and clash rehearsal of BIM models on the map. 模型审查与碰撞预演。",
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_check(
        commands.add_parser(
            "check",
            help="review models without a service 审查模型",
            epilog=_CHECK_EXITS,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    _add_demo(commands.add_parser("demo", help="open the sample project 打开示例项目"))
    _add_serve(commands.add_parser("serve", help="run the service 启动服务"))
    _add_worker(commands.add_parser("worker", help="run one compute worker 启动计算进程"))
    _add_bench(commands.add_parser("bench", help="time against the peers 与同类工具对比"))
    _add_rules(commands.add_parser("rules", help="write or check a rule file 规则矩阵"))
    commands.add_parser("warm", help="compile the kernels into the cache 预编译内核")
    return root


def _add_check(p: argparse.ArgumentParser) -> None:
    p.add_argument("models", nargs="+", type=Path, metavar="MODEL", help=".ifc, .ifczip 模型")
    p.add_argument(
        "--layer",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="GIS layer or pipe survey, repeatable 图层或管线普查表，可多次",
    )
    for name, text in (
        ("--terrain", "GeoTIFF, .asc, LandXML 地形"),
        ("--schedule", "MSPDI, XER, P6 XML, xlsx, csv, IFC 进度计划"),
        ("--project", "project settings (TOML) 项目设置"),
        ("--rules", "rule matrix (.toml, .xlsx); wins over the project's 规则矩阵，优先于项目设置"),
    ):
        p.add_argument(name, type=Path, metavar="FILE", help=text)
    p.add_argument(
        "--against", type=Path, metavar="DIR", help="output of an earlier run 上一次审查的输出"
    )
    p.add_argument(
        "--out",
        type=Path,
        default=Path("review"),
        metavar="DIR",
        help="output folder 输出文件夹 (%(default)s)",
    )
    p.add_argument(
        "--formats",
        default="json,bcf,html",
        metavar="LIST",
        help="of json,bcf,html,xlsx,geojson,gpkg,glb 输出格式 (%(default)s)",
    )
    p.add_argument(
        "--fail-on",
        type=_severity,
        metavar="N",
        help="exit 1 at severity N (0-100) or above 达到该严重度时退出码为 1",
    )
    p.add_argument(
        "--jobs",
        type=_count,
        default=0,
        metavar="N",
        help="models read at a time (0: as many as suit) 同时读取的模型数",
    )
    p.add_argument("--quiet", action="store_true", help="print nothing but errors 只输出错误")


def _add_demo(p: argparse.ArgumentParser) -> None:
    p.add_argument("--data", type=Path, help="where the demo keeps its data")
    p.add_argument("--port", type=int, default=0, help="0: a free one")
    p.add_argument("--fresh", action="store_true", help="forget an earlier demo")


def _add_serve(p: argparse.ArgumentParser) -> None:
    p.add_argument("--data", type=Path, help="data folder (YUYAN_DATA)")
    p.add_argument("--host", help="address to listen on (YUYAN_HOST)")
    p.add_argument("--port", type=int, help="port to listen on (YUYAN_PORT)")
    p.add_argument("--no-worker", action="store_true", help="HTTP only")


def _add_worker(p: argparse.ArgumentParser) -> None:
    p.add_argument("--data", type=Path, help="data folder (YUYAN_DATA)")


def _add_bench(p: argparse.ArgumentParser) -> None:
    p.add_argument("models", nargs="*", type=Path, metavar="MODEL", help="IFC files to time on")
    p.add_argument("--runs", type=int, default=3, help="counted runs of each")
    p.add_argument("--copies", type=int, default=1, help="repeat the models for the core benchmark")


def _add_rules(p: argparse.ArgumentParser) -> None:
    actions = p.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="list every fault of a rule file 检查规则文件")
    check.add_argument("file", type=Path, metavar="FILE", help=".toml or .xlsx")
    write = actions.add_parser("write", help="write a rule set as a file 写出规则文件")
    write.add_argument("file", type=Path, metavar="FILE", help=".toml or .xlsx")
    write.add_argument("--from", dest="source", type=Path, metavar="FILE", help="else the default")
    write.add_argument("--language", choices=("zh-CN", "en"), default="zh-CN", help="of the cells")


def _severity(text: str) -> int:
    return _between(text, 100, "severity is 0 to 100 严重度为 0 至 100")


def _count(text: str) -> int:
    return _between(text, 256, "a number of 0 to 256 应为 0 至 256 的整数")


def _between(text: str, most: int, message: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= most):
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _our_fault(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """End with the exit code of a fault of ours, after the traceback."""
    traceback.print_exception(kind, error, trace)
    sys.exit(OUR_FAULT)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    sys.excepthook = _our_fault
    options = parser().parse_args(argv)
    # Each command lives in a module of its own, so that none pays for another's imports.
    match options.command:
        case "check":
            from api.commands.check import run as command
        case "demo":
            from api.commands.demo import run as command
        case "serve":
            from api.commands.serve import run as command
        case "worker":
            from api.commands.worker import run as command
        case "bench":
            from api.commands.bench import run as command
        case "rules":
            from api.commands.rules import run as command
        case _:
            from api.commands.warm import run as command
    return command(options)


if __name__ == "__main__":
    sys.exit(main())
