"""What the cores can do: their measured matrix-product peak, and what a step asks of them."""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from typing import Any

from benchmark.execution.place import cores

_SIDE = 2048
# Long enough for imports and compilation on a busy machine; a dead partner ends the wait.
_PATIENCE = 300


def peak_flops(seconds: float = 2.0) -> float:
    """Float32 operations per second of all cores together in a large matrix product.

    One pinned one-thread process per core, all at work at once: the sum of their rates.
    The product is XLA's own, which on some processors is much faster than NumPy's.
    """
    return sum(together(_product_rate, (seconds,), cores()))


def peak_flops_one_core(seconds: float = 2.0) -> float:
    """The same for one pinned process alone."""
    return sum(together(_product_rate, (seconds,), cores()[:1]))


def mlp_flops(batch_size: int, widths: Sequence[int] = (64, 128, 128, 10)) -> float:
    """Operations in the matrix products of one training step of a perceptron.

    A layer from a to b units takes 2 B a b forwards, as many for the gradient of its
    weights, and as many for that of its inputs, which the first layer does not need:
    Σ 6 B a b - 2 B a_1 b_1. Activations and optimizer are not counted.
    """
    products = [a * b for a, b in pairwise(widths)]
    return 2.0 * batch_size * (3 * sum(products) - products[0])


def lstm_flops(
    batch_size: int,
    time_steps: int = 100,
    widths: Sequence[int] = (1, 64, 64),
    outputs: int = 6,
) -> float:
    """Operations in the matrix products of one training step of an LSTM network.

    At each of T steps a layer from a to h units takes 2 B (a + h) 4h forwards and twice
    that backwards, less the gradient of the network's inputs; the dense layer on the last
    state takes 6 B h c: Σ 24 B T (a + h) h - 8 B T a_1 h_1 + 6 B h c.
    """
    per_step = sum(24 * (a + h) * h for a, h in pairwise(widths)) - 8 * widths[0] * widths[1]
    return float(batch_size * (time_steps * per_step + 6 * widths[-1] * outputs))


def convolution_flops(batch_size: int, products: int, first: int) -> float:
    """Operations in the convolutions of one training step.

    Each takes 2 B `products` forwards and twice that backwards, less the gradient of the
    network's inputs, which the `first` convolution does not need.
    """
    return 2.0 * batch_size * (3 * products - first)


def together(
    measure: Callable[..., float], arguments: tuple[Any, ...], at: Sequence[int | None]
) -> list[float]:
    """Call ``measure(release, *arguments)`` in one fresh process per entry of `at`.

    An entry is the core that the process is pinned to, with one thread, or None to leave it
    all of them. Every process prepares itself and then calls ``release()``, which returns in
    all of them at the same moment.

    Returns:
        What the calls returned, in no particular order.
    """
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    for core in at:
        queue.put(core)
    shared = (queue, context.Barrier(len(at)))
    with ProcessPoolExecutor(len(at), context, _settle, shared) as pool:
        tasks = [pool.submit(_released, measure, arguments) for _ in at]
        return [task.result() for task in tasks]


_barrier: Any = None


def _settle(queue: Any, barrier: Any) -> None:
    """Pin this fresh process before any numerical library starts its threads."""
    global _barrier
    _barrier = barrier
    core = queue.get()
    if core is None:
        return
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    os.environ["JAX_PLATFORMS"] = "cpu"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def _released(measure: Callable[..., float], arguments: tuple[Any, ...]) -> float:
    try:
        return measure(lambda: _barrier.wait(_PATIENCE), *arguments)
    except BaseException:
        _barrier.abort()
        raise


def _product_rate(release: Callable[[], Any], seconds: float) -> float:
    import jax
    import jax.numpy as jnp

    matrix = jnp.full((_SIDE, _SIDE), 1e-3, jnp.float32)
    product = jax.jit(jnp.matmul)
    product(matrix, matrix).block_until_ready()
    release()
    start, done = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        product(matrix, matrix).block_until_ready()
        done += 1
    return 2.0 * _SIDE**3 * done / (time.perf_counter() - start)
