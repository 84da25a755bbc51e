"""Small arrays on the stack, which cost nothing to make: room for points, boxes and frames."""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from bimcore.arrays import F32, F64, I64


def _filled(dtype: types.Type, context: Any, builder: Any, shape: tuple[int, ...]) -> Any:
    """An array of zeros that lives as long as the function that asked for it."""
    item = context.get_data_type(dtype)
    size = context.get_abi_sizeof(item)
    count = int(np.prod(shape))
    memory = cgutils.alloca_once(builder, ir.ArrayType(item, count))
    cgutils.memset(builder, memory, context.get_constant(types.intp, count * size), 0)
    steps = [size * int(np.prod(shape[k + 1 :])) for k in range(len(shape))]

    def constants(values: Any) -> Any:
        return cgutils.pack_array(builder, [context.get_constant(types.intp, v) for v in values])

    array = context.make_array(types.Array(dtype, len(shape), "C"))(context, builder)
    context.populate_array(
        array,
        data=builder.bitcast(memory, item.as_pointer()),
        shape=constants(shape),
        strides=constants(steps),
        itemsize=context.get_constant(types.intp, size),
        meminfo=None,
    )
    return array._getvalue()  # noqa: SLF001 - the way numba's own code hands arrays on


def _one(dtype: types.Type) -> Any:
    @intrinsic(prefer_literal=True)
    def line(_typing: Any, n: Any) -> Any:
        def fill(context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
            return _filled(dtype, context, builder, (n.literal_value,))

        return types.Array(dtype, 1, "C")(n), fill

    return line


def _two(dtype: types.Type) -> Any:
    @intrinsic(prefer_literal=True)
    def grid(_typing: Any, n: Any, m: Any) -> Any:
        def fill(context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
            return _filled(dtype, context, builder, (n.literal_value, m.literal_value))

        return types.Array(dtype, 2, "C")(n, m), fill

    return grid


def _three(dtype: types.Type) -> Any:
    @intrinsic(prefer_literal=True)
    def cube(_typing: Any, n: Any, m: Any, k: Any) -> Any:
        def fill(context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
            shape = (n.literal_value, m.literal_value, k.literal_value)
            return _filled(dtype, context, builder, shape)

        return types.Array(dtype, 3, "C")(n, m, k), fill

    return cube


#: Zeros of a fixed size. They end with the function that made them: never return them.
line: Callable[[int], F64] = _one(types.float64)
line32: Callable[[int], F32] = _one(types.float32)
grid: Callable[[int, int], F64] = _two(types.float64)
numbers: Callable[[int, int], I64] = _two(types.int64)
cube: Callable[[int, int, int], F64] = _three(types.float64)
