"""Why do the curves of my network fluctuate? Folk answers, tested by simulation.

Declare a question as a `Scenario`, `run` it, and read the verdicts. What most scenarios need
is here; the rest is in namespaces: `measures`, `claims`, `tasks`, `models`, `optimizers`,
`probes`; `parts` for writing such things oneself; `curves`, `plot` and `theory` for own
measures and figures. These are public; any other module may move.

>>> import benchmark as bm
>>> bm.Jitter("validation_loss").name, bm.measures.VonNeumann("train_loss").name
('jitter(validation_loss)', 'von_neumann(train_loss)')

Everything is imported on first use, so that ``import benchmark`` is instant.
"""

from typing import TYPE_CHECKING

from benchmark.declare.lazy import on_first_use

if TYPE_CHECKING:
    from benchmark import (
        claims,
        curves,
        measures,
        models,
        optimizers,
        parts,
        plot,
        probes,
        tasks,
        theory,
    )
    from benchmark.claims import (
        Decreases,
        Difference,
        Equals,
        Increases,
        NoEffect,
        Peaks,
        PowerLaw,
        Ratio,
        Share,
        Within,
    )
    from benchmark.declare.augmentation import Augmentation
    from benchmark.declare.causes import Cause, Cure
    from benchmark.declare.claims import Claim
    from benchmark.declare.condition import Condition
    from benchmark.declare.designs import (
        Arms,
        Cases,
        Crossed,
        Factorial,
        Product,
        Union,
        Zipped,
    )
    from benchmark.declare.early_stopping import EarlyStopping
    from benchmark.declare.errors import UserError
    from benchmark.declare.load import find
    from benchmark.declare.optimizers import SGD, Adam, AdamW, Momentum, Nesterov, RMSprop
    from benchmark.declare.scenario import Scenario
    from benchmark.declare.schedules import Cosine, Plateau, StepDecay
    from benchmark.declare.sources import Sources
    from benchmark.declare.training import FULL, Evaluation, Training
    from benchmark.declare.version import __version__ as __version__
    from benchmark.execution.run import Options
    from benchmark.measures import (
        Custom,
        Diverged,
        Drawup,
        Final,
        Jitter,
        Level,
        RelativeJitter,
        RiseFraction,
    )
    from benchmark.models import CNN, LSTM, MLP, Linear, Point, ResNet
    from benchmark.tasks import (
        Arrays,
        ClassTask,
        Digits,
        ImageFolder,
        Images,
        MedicalImages,
        Quadratic,
        Surfaces,
    )
    from benchmark.workbench.verbs import draw, load, run, summary, tidy, verdicts

__getattr__, __dir__ = on_first_use(
    __name__,
    {
        "benchmark.claims": (
            "Decreases Difference Equals Increases NoEffect Peaks PowerLaw Ratio Share Within"
        ),
        "benchmark.declare.augmentation": "Augmentation",
        "benchmark.declare.causes": "Cause Cure",
        "benchmark.declare.claims": "Claim",
        "benchmark.declare.condition": "Condition",
        "benchmark.declare.designs": "Arms Cases Crossed Factorial Product Union Zipped",
        "benchmark.declare.early_stopping": "EarlyStopping",
        "benchmark.declare.errors": "UserError",
        "benchmark.declare.load": "find",
        "benchmark.declare.optimizers": "Adam AdamW Momentum Nesterov RMSprop SGD",
        "benchmark.declare.scenario": "Scenario",
        "benchmark.declare.schedules": "Cosine Plateau StepDecay",
        "benchmark.declare.sources": "Sources",
        "benchmark.declare.training": "Evaluation FULL Training",
        "benchmark.declare.version": "__version__",
        "benchmark.execution.run": "Options",
        "benchmark.measures": (
            "Custom Diverged Drawup Final Jitter Level RelativeJitter RiseFraction"
        ),
        "benchmark.models": "CNN LSTM Linear MLP Point ResNet",
        "benchmark.tasks": (
            "Arrays ClassTask Digits ImageFolder Images MedicalImages Quadratic Surfaces"
        ),
        "benchmark.workbench.verbs": "draw load run summary tidy verdicts",
    },
    modules=(
        "claims",
        "curves",
        "measures",
        "models",
        "optimizers",
        "parts",
        "plot",
        "probes",
        "tasks",
        "theory",
    ),
)

__all__ = [
    "Adam",
    "AdamW",
    "Arms",
    "Arrays",
    "Augmentation",
    "CNN",
    "Cases",
    "Cause",
    "Claim",
    "ClassTask",
    "Condition",
    "Cosine",
    "Crossed",
    "Cure",
    "Custom",
    "Decreases",
    "Difference",
    "Digits",
    "Diverged",
    "Drawup",
    "EarlyStopping",
    "Equals",
    "Evaluation",
    "FULL",
    "Factorial",
    "Final",
    "ImageFolder",
    "Images",
    "Increases",
    "Jitter",
    "LSTM",
    "Level",
    "Linear",
    "MLP",
    "MedicalImages",
    "Momentum",
    "Nesterov",
    "NoEffect",
    "Options",
    "Peaks",
    "Plateau",
    "Point",
    "PowerLaw",
    "Product",
    "Quadratic",
    "RMSprop",
    "Ratio",
    "RelativeJitter",
    "ResNet",
    "RiseFraction",
    "SGD",
    "Scenario",
    "Share",
    "Sources",
    "StepDecay",
    "Surfaces",
    "Training",
    "Union",
    "UserError",
    "Within",
    "Zipped",
    "claims",
    "curves",
    "draw",
    "find",
    "load",
    "measures",
    "models",
    "optimizers",
    "parts",
    "plot",
    "probes",
    "run",
    "summary",
    "tasks",
    "theory",
    "tidy",
    "verdicts",
]
