"""What is trained twice: the recipes of the posts, small."""

from benchmark.declare.condition import Condition
from benchmark.declare.frameworks import KERAS_3
from benchmark.declare.training import Training
from benchmark.models import CNN, LSTM
from benchmark.tasks import Images, Surfaces

SYSTEMS = {
    "CNN": Condition(
        Images(size=16, classes=5, n_train=320, n_validation=320),
        CNN(blocks=(8, 16), dense=(32,), dropout=0.5, batch_norm=0.99),
        KERAS_3.adam(0.001),
        Training(epochs=20, batch_size=32, log_steps=False),
    ),
    "LSTM": Condition(
        Surfaces(n_train=98, n_validation=60),
        LSTM(widths=(16, 16)),
        KERAS_3.rmsprop(0.003),
        Training(epochs=20, batch_size=16, log_steps=False),
    ),
}
"""A CNN with batch normalisation and dropout (Adam), and an LSTM (RMSprop)."""
