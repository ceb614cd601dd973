"""The same networks in Keras and here: do the distributions of their curves agree?"""

from benchmark.parity.compare import Agreement, agreements
from benchmark.parity.systems import SYSTEMS

__all__ = ["SYSTEMS", "Agreement", "agreements"]
