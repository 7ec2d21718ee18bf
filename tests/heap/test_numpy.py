"""NumPy's arrays: data once, views small, elements that are objects."""

from __future__ import annotations

import sys

import pytest
from tare import _heap, heap

numpy = pytest.importorskip("numpy")


@pytest.mark.parametrize("shape", [(), (0,), (1000,), (30, 40), (3, 4, 5)])
@pytest.mark.parametrize("kind", ["f8", "u1", "U7", "f4,i2"])
def test_an_array_is_its_data_and_what_describes_them(shape: tuple, kind: str):
    array = numpy.zeros(shape, kind)
    described = array.__class__.__basicsize__ + 2 * 8 * len(shape)
    assert heap.sizeof(array) == described + array.nbytes == sys.getsizeof(array)
    assert heap.flat(array) == heap.sizeof(array)


def test_a_view_is_small_and_holds_the_whole():
    array = numpy.zeros(10_000)
    view = array[1000:2000]
    assert heap.flat(view) < 200
    assert heap.sizeof(view) == heap.sizeof(array) + heap.flat(view)
    assert heap.sizeof(array, view, array[::2], array.T) < heap.sizeof(array) + 4 * 200
    assert heap.sizeof(numpy.frombuffer(bytes(5000), "u1")) > 5000
    assert heap.sizeof(memoryview(array)) > array.nbytes


@pytest.mark.parametrize("shape", [(), (10,), (3, 4), (2, 3, 5)])
def test_elements_that_are_objects(shape: tuple):
    array = numpy.empty(shape, object)
    for at in numpy.ndindex(*shape):
        array[at] = bytes(1000)
    held = array.size * heap.sizeof(bytes(1000))
    assert heap.sizeof(array) == heap.flat(array) + held
    turned = array.T
    assert heap.sizeof(turned) == heap.sizeof(array) + heap.flat(turned)
    copied = array.copy("F")
    assert heap.sizeof(copied) == heap.flat(copied) + held


def test_objects_by_strides_of_zero_and_less():
    one = numpy.array([bytes(1000)], object)
    assert heap.sizeof(numpy.broadcast_to(one, (5, 6))) < 2 * heap.sizeof(one) + 200
    assert heap.sizeof(numpy.flip(one)) < heap.sizeof(one) + 200


def test_a_class_derived_from_array():
    class Named(numpy.ndarray):
        pass

    array = numpy.zeros(1000).view(Named)
    array.name = bytes(500)
    assert 8000 + 500 < heap.sizeof(array) < 9500


def test_scalars_are_not_opaque():
    for scalar in (numpy.float64(1.5), numpy.int8(3), numpy.bool_(True), numpy.str_("text")):
        assert _heap.measure(scalar)[2] == 0
        assert heap.sizeof(scalar) < 150
