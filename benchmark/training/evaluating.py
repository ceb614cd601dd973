"""Loss and accuracy of a network on a whole set, and as a special validation sees it."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key, Num

from benchmark.declare.condition import Condition
from benchmark.declare.data import Subset
from benchmark.declare.errors import require
from benchmark.declare.identity import Selected
from benchmark.declare.network import EVALUATION, STATISTICS, Mode, Network, Variables
from benchmark.models.batch_norm import pooled
from benchmark.tasks.random import permutation
from benchmark.training.batching import Batches, sample_weight
from benchmark.training.objective import sample_hits, sample_losses
from benchmark.training.state import Logs


def first_half(key: Key[Array, ""], size: int) -> Bool[Array, " sample"]:
    """Which of `size` samples make the first of two random halves, the smaller if odd.

    Raises:
        UserError: there are fewer than two samples.
    """
    require(size >= 2, f"Evaluation.halves needs 2 validation samples, not {size}.")
    # A number that no epoch has, so that orders of validation batches are drawn apart.
    return permutation(jax.random.fold_in(key, _HALVES), size) < size // 2


def some(key: Key[Array, ""], subset: Subset, count: int) -> Subset:
    """`count` samples of a set, drawn at random."""
    drawn = permutation(jax.random.fold_in(key, _SOME), subset.size)[:count]
    return subset._replace(
        index=subset.index[drawn], y=subset.y[drawn], corrupted=subset.corrupted[drawn]
    )


_HALVES, _SOME = 2**31 - 1, 2**31 - 2


class Evaluator(NamedTuple):
    """Evaluates variables of one run on one of its sets.

    Attributes:
        condition, network: of the run.
        name: of the set: "train", "validation" or "test".
        subset: the set.
    """

    condition: Condition | Selected
    network: Network
    name: str
    subset: Subset

    def whole(self, variables: Variables, half: Bool[Array, " sample"] | None = None) -> Logs:
        """Loss and accuracy on the whole set, in evaluation mode.

        Args:
            variables: of the network.
            half: which samples are in the first half; None records no halves.
        """
        name, y, logs = self.name, self.subset.y, {}
        outputs = self._outputs(variables)
        scores = {"loss": sample_losses(self._loss, outputs, y)}
        if self._loss == "cross_entropy":
            scores["accuracy"] = sample_hits(outputs, y)
            if name != "train" and self.condition.evaluation.per_class:
                logs |= self._recalls(scores["accuracy"])
        logs |= {f"{name}_{metric}": jnp.mean(score) for metric, score in scores.items()}
        if half is not None:
            for part, members in (("a", half), ("b", ~half)):
                for metric, score in scores.items():
                    logs[f"{name}_{part}_{metric}"] = jnp.mean(score, where=members)
        return logs

    def seen(self, variables: Variables, batches: Batches) -> Logs:
        """Loss and accuracy over the given batches of the set, sample by sample."""
        own = self.condition.evaluation.batch_statistics

        def batch(indices: Int[Array, " batch"]) -> tuple[Array, Array, Array]:
            weight = sample_weight(indices)
            x, y = self.subset.take(jnp.maximum(indices, 0))
            outputs = self._apply(variables, x, Mode(False, weight, own))
            hits = sample_hits(outputs, y) if self._loss == "cross_entropy" else weight
            losses = sample_losses(self._loss, outputs, y)
            return jnp.sum(losses * weight), jnp.sum(hits * weight), jnp.sum(weight)

        losses, hits, counts = (jnp.sum(part) for part in jax.lax.map(batch, batches))
        logs = {f"seen_{self.name}_loss": losses / counts}
        if self._loss == "cross_entropy":
            logs[f"seen_{self.name}_accuracy"] = hits / counts
        return logs

    def _recalls(self, hits: Float[Array, " sample"]) -> Logs:
        """Recall of each class and their mean; a class without samples counts in neither."""
        y, classes = (
            self.subset.y,
            jnp.arange(self.condition.task.outputs, dtype=self.subset.y.dtype),
        )
        member = (y[:, None] == classes[None]).astype(hits.dtype)
        counts = jnp.sum(member, axis=0)
        recalls = jnp.where(counts > 0, hits @ member / jnp.maximum(counts, 1.0), jnp.nan)
        logs = {f"{self.name}_recall_{c}": recalls[c] for c in range(classes.size)}
        return logs | {f"{self.name}_balanced_accuracy": jnp.nanmean(recalls)}

    def statistics(self, variables: Variables) -> Any:
        """What normalisations see of the set, batch by batch with the batch's statistics."""

        def of(weight: Float[Array, " batch"] | None, x: Num[Array, "batch ..."]) -> Any:
            mode = Mode(False, weight, batch_statistics=True, reports=True)
            return self._passed(variables, x, mode)[1][STATISTICS]

        size, chunk = self.subset.size, self.condition.model.evaluation_batch
        if size <= chunk:
            whole = of(None, self.subset.all()[0])
            return pooled(jax.tree.map(lambda leaf: leaf[None], whole))
        rows = jnp.arange(-(-size // chunk) * chunk, dtype=jnp.int32).reshape(-1, chunk)

        def batch(row: Int[Array, " batch"]) -> Any:
            x, _ = self.subset.take(jnp.minimum(row, size - 1))
            return of((row < size).astype(jnp.float32), x)

        return pooled(jax.lax.map(batch, rows))

    def _outputs(self, variables: Variables) -> Float[Array, "sample output"]:
        """Outputs for every sample, chunk by chunk where one would be too large."""
        subset = self.subset
        size, chunk = subset.size, self.condition.model.evaluation_batch
        if size <= chunk:
            return self._apply(variables, subset.all()[0], EVALUATION)
        count = -(-size // chunk)
        # As even as can be, so that little is computed twice.
        chunk = -(-size // count)
        indices = jnp.minimum(jnp.arange(count * chunk, dtype=jnp.int32), size - 1)
        outputs = jax.lax.map(
            lambda batch: self._apply(variables, subset.take(batch)[0], EVALUATION),
            indices.reshape(count, chunk),
        )
        return outputs.reshape(count * chunk, -1)[:size]

    def _apply(
        self, variables: Variables, x: Num[Array, "batch ..."], mode: Mode
    ) -> Float[Array, "batch output"]:
        return self._passed(variables, x, mode)[0]

    def _passed(
        self, variables: Variables, x: Num[Array, "batch ..."], mode: Mode
    ) -> tuple[Float[Array, "batch output"], Variables]:
        # Evaluation draws nothing, so the key's value is without meaning.
        unused = jax.random.key(0, impl="threefry2x32")
        return self.network.apply(variables, x, mode, unused)

    @property
    def _loss(self):
        return self.condition.task.loss
