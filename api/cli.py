"""The command line: one command, heavy imports inside the subcommands."""

import argparse
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from api.commands.exits import OUR_FAULT


def parser() -> argparse.ArgumentParser:
    """Build the parser; imports nothing heavy, so that ``--help`` is quick."""
    root = argparse.ArgumentParser(
        prog="yuyan",
        description="预演: review and clash rehearsal of BIM models on the map. 模型审查与碰撞预演。",
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_check(commands.add_parser("check", help="review models without a service 审查模型"))
    _add_demo(commands.add_parser("demo", help="open the sample project 打开示例项目"))
    _add_serve(commands.add_parser("serve", help="run the service 启动服务"))
    _add_worker(commands.add_parser("worker", help="run one compute worker 启动计算进程"))
    _add_bench(commands.add_parser("bench", help="time against the peers 与同类工具对比"))
    _add_rules(commands.add_parser("rules", help="write or check a rule file 规则矩阵"))
    commands.add_parser("warm", help="compile the kernels into the cache 预编译内核")
    return root


def _add_check(p: argparse.ArgumentParser) -> None:
    p.add_argument("models", nargs="+", type=Path, metavar="MODEL", help=".ifc or .ifczip")
    p.add_argument("--layer", action="append", default=[], type=Path, help="GIS layer, repeatable")
    p.add_argument("--terrain", type=Path, help="terrain: GeoTIFF, .asc, LandXML")
    p.add_argument("--schedule", type=Path, help="construction schedule")
    p.add_argument("--project", type=Path, help="project settings (TOML)")
    p.add_argument("--rules", type=Path, help="rule matrix (.toml, .xlsx); wins over the project's")
    p.add_argument("--against", type=Path, help="output folder of an earlier run")
    p.add_argument("--out", type=Path, default=Path("review"), help="output folder")
    p.add_argument("--formats", default="json,bcf,html", help="json,bcf,html,xlsx,geojson,gpkg,glb")
    p.add_argument("--fail-on", type=_severity, metavar="N", help="exit 1 at severity N or above")
    p.add_argument(
        "--jobs", type=int, default=0, metavar="N", help="processes and threads (0: all)"
    )
    p.add_argument("--quiet", action="store_true", help="print nothing but errors")


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
    value = int(text)
    if not 0 <= value <= 100:
        message = "severity is 0 to 100"
        raise argparse.ArgumentTypeError(message)
    return value


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
