"""What runs say of a number: intervals, tests of the side on which it lies, equivalence.

No module here imports scipy at its top: expectations, and with them every scenario file and
`list`, import these modules, and scipy takes longer to import than all of the rest. Functions
that compute with it import it themselves; once it is loaded that takes a microsecond.
"""
