"""The run-time type checker that the import hook puts on every function of the package."""

from beartype import BeartypeConf, beartype

# An int is welcome where a float is declared, as PEP 484 says.
checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
