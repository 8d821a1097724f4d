"""Arrays of several calls as one, along their first axis, and what a model makes of them taken apart again.

Knows NumPy's arrays and PyTorch's tensors, and imports neither: who has made one has imported it.
"""

from __future__ import annotations

import collections
import math
import sys
from typing import Any, Callable, Hashable, List, NamedTuple, Optional, Sequence, Tuple

AS_THEY_COME, CHANNELS_LAST = "as they come", "channels last"
"""How numbers may lie in a stacked tensor. Convolutions of several pictures are often quicker the other way."""

DICTS = (dict, collections.OrderedDict)
RELATIVE, ABSOLUTE = 1e-3, 1e-4
"""How far two results of a network may be apart: of the value itself, and of the largest one in its array."""
COARSE = 16.0
"""So many times as far for numbers of 16 bits."""


class NotRows(ValueError):
    """What a model gave does not have a row for each row that it took; says what it is."""


class Undecided(ValueError):
    """So many rows do not tell whether a list has one in each of its places. Other numbers will."""


# ── what is stacked ──────────────────────────────────────────────────────────────────────────────


def key_of(value: Any) -> Optional[Hashable]:
    """What the values of two calls must share to be stacked; None for what is no array, or dict of arrays, with a
    first axis."""
    if type(value) not in DICTS:
        return _key_of_array(value)
    keys = [(name, _key_of_array(one)) for name, one in value.items()]
    if not keys or any(key is None for _name, key in keys) or len({len(one) for one in value.values()}) > 1:
        return None
    return type(value), tuple(keys)


def rows_of(value: Any) -> int:
    """The length of the first axis."""
    return len(next(iter(value.values())) if type(value) in DICTS else value)


def bytes_of(value: Any) -> int:
    return sum(one.nbytes if _is_numpy(one) else one.numel() * one.element_size() for one in _arrays(value))


def places_of(value: Any) -> List[int]:
    """Where the arrays lie in memory."""
    return [one.__array_interface__["data"][0] if _is_numpy(one) else one.data_ptr() for one in _arrays(value)]


def ways_of(value: Any) -> Tuple[str, ...]:
    """The ways in which values like this one can be stacked."""
    if any(not _is_numpy(one) and _is_pictures(one) for one in _arrays(value)):
        return AS_THEY_COME, CHANNELS_LAST
    return (AS_THEY_COME,)


def copy_of(value: Any) -> Any:
    """The same in memory of its own."""
    return _mapped(lambda arrays: arrays[0].copy() if _is_numpy(arrays[0]) else arrays[0].clone(), [value])


def stack(values: Sequence[Any], way: str = AS_THEY_COME) -> Any:
    """One value of several with the same key."""
    stacked = _mapped(_joined, values)
    if way == CHANNELS_LAST:
        return _mapped(lambda arrays: _with_channels_last(arrays[0]), [stacked])
    return stacked


def settle(value: Any) -> None:
    """Waits for the GPU that values like this one lie on: a clock that is stopped before tells nothing."""
    if any(not _is_numpy(one) and one.is_cuda for one in _arrays(value)):
        sys.modules["torch"].cuda.synchronize()


def _arrays(value: Any) -> List[Any]:
    return list(value.values()) if type(value) in DICTS else [value]


def _mapped(work: Callable[[List[Any]], Any], values: Sequence[Any]) -> Any:
    first = values[0]
    if type(first) not in DICTS:
        return work(list(values))
    return type(first)((name, work([value[name] for value in values])) for name in first)


def _key_of_array(array: Any) -> Optional[Hashable]:
    if _is_numpy(array):
        return None if array.ndim == 0 or len(array) == 0 else ("numpy", array.dtype.str, array.shape[1:])
    if not _is_torch(array) or array.dim() == 0 or len(array) == 0 or array.requires_grad:
        return None
    if str(array.layout) != "torch.strided" or getattr(array, "is_quantized", False):
        return None
    return "torch", str(array.dtype), str(array.device), tuple(array.shape[1:])


def _joined(arrays: List[Any]) -> Any:
    if _is_numpy(arrays[0]):
        return sys.modules["numpy"].concatenate(arrays)
    return sys.modules["torch"].cat(arrays)


def _with_channels_last(array: Any) -> Any:
    if _is_numpy(array) or not _is_pictures(array):
        return array
    return array.contiguous(memory_format=sys.modules["torch"].channels_last)


def _is_numpy(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(value) is numpy.ndarray


def _is_torch(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and type(value) is torch.Tensor


def _is_pictures(tensor: Any) -> bool:
    """PyTorch before 1.5 knows one way only, and on GPUs it is cuDNN's affair."""
    known = hasattr(sys.modules["torch"], "channels_last")
    return bool(known and tensor.dim() == 4 and tensor.is_floating_point() and tensor.device.type == "cpu")


# ── what is taken apart ──────────────────────────────────────────────────────────────────────────


class Rows(NamedTuple):
    """The form of what a model gives for a value of so many rows."""

    rows: int
    form: Any


class Several(NamedTuple):
    """The form of a list or tuple: its length, and the forms in it where those have rows."""

    length: int
    inner: Optional[List[Any]]


def form_of(result: Any, rows: int) -> Rows:
    """The form of one call's result. Raises NotRows."""
    return Rows(rows, _form(result, rows))


def split(result: Any, seen: Rows, sizes: Sequence[int]) -> List[Any]:
    """The result of a stacked value as one for each call, which had so many rows. Raises NotRows and Undecided."""
    return _split(result, seen.form, seen.rows, list(sizes))


def _form(result: Any, rows: int) -> Any:
    if result is None:
        return "nothing"
    if _is_numpy(result) or _is_torch(result):
        shape = tuple(result.shape)
        if not shape or shape[0] != rows:
            raise NotRows("an array of the shape {}".format(shape))
        return "rows"
    if type(result) in DICTS:
        return {name: _form(one, rows) for name, one in result.items()}
    if not isinstance(result, (list, tuple)):
        raise NotRows("a {}".format(type(result).__name__))
    if not _may_be_rows(result, rows):
        return Several(len(result), [_form(one, rows) for one in result])
    try:
        return Several(len(result), [_form(one, rows) for one in result])
    except NotRows:
        return Several(len(result), None)


def _may_be_rows(result: Any, rows: int) -> bool:
    return type(result) is list and len(result) == rows


def _split(result: Any, form: Any, rows: int, sizes: List[int]) -> List[Any]:
    if isinstance(form, Several):
        return _split_list(result, form, rows, sizes)
    if isinstance(form, dict):
        _expect(type(result) in DICTS and set(result) == set(form), result)
        parts = {name: _split(one, form[name], rows, sizes) for name, one in result.items()}
        return [type(result)((name, parts[name][place]) for name in result) for place in range(len(sizes))]
    if form == "nothing":
        _expect(result is None, result)
        return [None] * len(sizes)
    return _split_array(result, sizes)


def _split_list(result: Any, form: Several, rows: int, sizes: List[int]) -> List[Any]:
    _expect(isinstance(result, (list, tuple)), result)
    total = sum(sizes)
    if form.length == rows and _may_be_rows(result, total):
        if total == rows:
            raise Undecided
        return [result[begin:end] for begin, end in _borders(sizes)]
    _expect(form.inner is not None and len(result) == form.length, result)
    several = [_split(one, inner, rows, sizes) for one, inner in zip(result, form.inner or ())]
    return [_like(result, [one[place] for one in several]) for place in range(len(sizes))]


def _split_array(result: Any, sizes: List[int]) -> List[Any]:
    _expect((_is_numpy(result) or _is_torch(result)) and result.shape[:1] == (sum(sizes),), result)
    parts = [result[begin:end] for begin, end in _borders(sizes)]
    # A part of a tensor with its channels last does not take `view`, which code is used to.
    return [part if _is_numpy(part) else part.contiguous() for part in parts]


def _like(result: Any, parts: List[Any]) -> Any:
    return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)


def _borders(sizes: List[int]) -> List[Tuple[int, int]]:
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    return [(end - size, end) for end, size in zip(ends, sizes)]


def _expect(good: bool, result: Any) -> None:
    if not good:
        shape = getattr(result, "shape", None)
        what = "an array of the shape {}".format(tuple(shape)) if shape is not None else type(result).__name__
        raise NotRows("for several calls at a time {}".format(what))


# ── whether it is the same ───────────────────────────────────────────────────────────────────────


def close(one: Any, other: Any) -> bool:
    """Whether two results are the same but for what the order of additions makes of them."""
    if _is_torch(one) and _is_torch(other):
        return one.shape == other.shape and one.dtype == other.dtype and _close_tensors(one, other)
    if type(one) in DICTS:
        return type(other) in DICTS and set(one) == set(other) and all(close(one[name], other[name]) for name in one)
    if _is_real(one) and _is_real(other):
        both_nan = one != one and other != other
        return bool(both_nan or math.isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE))
    if _is_numpy(one) and _is_numpy(other):
        return one.shape == other.shape and one.dtype == other.dtype and _close_arrays(one, other)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and _close_lists(one, other)
    return type(one) is type(other) and bool(one == other)


def _is_real(value: Any) -> bool:
    """A number with a fraction, also one of NumPy's."""
    if isinstance(value, float):
        return True
    return getattr(getattr(value, "dtype", None), "kind", "") == "f" and value.shape == ()


def _close_tensors(one: Any, other: Any) -> bool:
    torch = sys.modules["torch"]
    if not one.is_floating_point():
        return bool((one == other).all()) if one.numel() else True
    coarse = COARSE if one.element_size() < 4 else 1.0
    one, other = one.double(), other.double()
    finite = other[other.abs() < math.inf].abs()
    largest = float(finite.max()) if finite.numel() else 0.0
    return bool(torch.allclose(one, other, RELATIVE * coarse, ABSOLUTE * coarse * largest, equal_nan=True))


def _close_arrays(one: Any, other: Any) -> bool:
    numpy = sys.modules["numpy"]
    if one.dtype.kind not in "fc":
        return bool((one == other).all())
    coarse = COARSE if one.dtype.itemsize < 4 else 1.0
    finite = numpy.abs(other[numpy.isfinite(other)])
    largest = float(finite.max()) if finite.size else 0.0
    return bool(numpy.allclose(one, other, RELATIVE * coarse, ABSOLUTE * coarse * largest, equal_nan=True))


def _close_lists(one: Any, other: Any) -> bool:
    """Lists of numbers are compared as arrays, where those are at hand."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and one and isinstance(_first(one), float):
        try:
            arrays = numpy.array(one), numpy.array(other)
        except ValueError:
            arrays = None  # rows of different lengths
        if arrays is not None and all(array.dtype.kind == "f" for array in arrays):
            return close(*arrays)
    return all(close(*pair) for pair in zip(one, other))


def _first(value: Any) -> Any:
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return value
