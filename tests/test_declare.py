            apply=lambda variables, x, mode, key: (x @ variables["params"]["w"], variables),
        )


@dataclass(frozen=True)
class Distance(Probe):
    every: int = shape(1, at_least=1)
