"""The parts a condition is made of, as contracts that built-in and own parts keep.

A part is a frozen declaration; what needs JAX is imported inside its methods, so that
declaring and listing scenarios stays instant.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from benchmark.declare.data import Keys, Pool, Split
from benchmark.declare.fields import Declared
from benchmark.declare.network import Network

if TYPE_CHECKING:
    import optax
    from jax import Array


Loss: TypeAlias = Literal["cross_entropy", "squared_error"]


@dataclass(frozen=True)
class Task(Declared):
    """Data, the loss on them, and where a run's samples come from."""

    @property
    def loss(self) -> Loss:
        """Per-sample loss of outputs against targets.

        Cross-entropy takes class numbers; squared error is ½‖output − target‖².
        """
        return "cross_entropy"

    @property
    def samples(self) -> int:
        """Number of training samples of a run."""
        raise TypeError(f"{type(self).__name__} must define `samples`.")

    @property
    def side(self) -> int:
        """Side of the images in pixels, for estimates of effort; as digits where none are."""
        return int(getattr(self, "size", 8))

    @property
    def looked_at(self) -> int:
        """Samples that are evaluated at the end of an epoch, for estimates of effort."""
        others = (getattr(self, name, 0) for name in ("n_validation", "n_test"))
        return self.samples + sum(map(int, others))

    @property
    def outputs(self) -> int:
        """Number of outputs the model must have."""
        raise TypeError(f"{type(self).__name__} must define `outputs`.")

    @property
    def in_training(self) -> "Task":
        """The task as training knows it, without what is only looked at.

        Conditions whose tasks are equal in training share their runs, and each looks at
        them with data of its own: so a task may leave out here, by giving them one and the
        same setting, its fields on which neither `pool` nor the training set of any run
        depends. That the training sets are the same is tested in every run.
        """
        return self

    def pool(self) -> Pool:
        """Host arrays shared by all runs; may depend on shape fields only."""
        raise TypeError(f"{type(self).__name__} must define `pool`.")

    def sample(self, pool: Pool, keys: Keys) -> Split:
        """One run's data (traced; traced fields may be tracers).

        Training and validation set, and a test set if the task has one. A task with a
        field `n_test` above 0 must draw it.
        """
        raise TypeError(f"{type(self).__name__} must define `sample`.")

    def fresh(self, pool: Pool, key: "Array", count: int) -> "tuple[Array, Array]":
        """`count` new samples (x, y), for ``Training(order="fresh")``."""
        raise TypeError(f"{type(self).__name__} cannot draw fresh samples.")


@dataclass(frozen=True)
class Model(Declared):
    """A network that is built for a task."""

    def effort(self, side: int = 8) -> float:
        """Rough time per sample in units of a small perceptron; for progress only.

        Args:
            side: of the images in pixels, on which convolutions depend.
        """
        return 1.0

    @property
    def in_training(self) -> "Model":
        """The model as training knows it, without what only evaluation reads.

        Where it differs from the model, the networks of both have a `Network.follow`, and
        the same parameters.
        """
        return self

    @property
    def evaluation_batch(self) -> int:
        """Samples that an evaluation takes at once; a larger set goes through in chunks."""
        return 1024

    def network(self, outputs: int) -> Network:
        """The network's pure `init` and `apply`."""
        raise TypeError(f"{type(self).__name__} must define `network`.")


@dataclass(frozen=True)
class Optimizer(Declared):
    """An optax transformation whose hyperparameters are traced values."""

    @property
    def threshold(self) -> float:
        """Largest curvature at which full-batch training on a quadratic is stable.

        For adaptive methods: of the Hessian preconditioned as `preconditioner` says.
        """
        raise TypeError(f"{type(self).__name__} has no known stability threshold.")

    @property
    def scheduled(self) -> Literal["step", "gradient"]:
        """What the factor of a schedule multiplies: the step, or the gradient it is made of."""
        return "step"

    def transformation(self) -> "optax.GradientTransformation":
        """The optax transformation; called where traced fields may be tracers."""
        raise TypeError(f"{type(self).__name__} must define `transformation`.")

    def preconditioner(self, state: Any) -> Any:
        """Pytree P like the parameters (update = −η P⁻¹ m), or None for the identity.

        An optimizer that defines it at all never returns None.
        """
        return None
