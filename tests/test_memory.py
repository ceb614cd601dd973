"""Memory does not grow with the number of blocks."""

from typing import Any

from benchmark.execution.cluster import open_workers
from benchmark.execution.worker import PROGRESS

PIECES, KEPT = 100, 60


def test_no_log_grows_with_the_pieces_of_work():
    """Dask keeps a thousand entries and more in each of its logs if it is let."""

    def piece(number: int) -> int:
        from distributed import get_worker

        get_worker().log_event(PROGRESS, {"piece": number, "steps": 1})
        return number

    def lengths(dask_worker: Any) -> dict[str, int]:
        return {name: len(getattr(dask_worker.state, name)) for name in ("log", "stimulus_log")}

    with open_workers("cpu", None, None, 1) as workers:
        client = workers.client
        client.subscribe_topic(PROGRESS, lambda event: None)
        futures = [client.submit(piece, number, pure=False) for number in range(PIECES)]
        assert client.gather(futures) == list(range(PIECES))
        del futures
        of_workers: Any = client.run(lengths)
        (of_worker,) = of_workers.values()
        scheduler: Any = client.cluster.scheduler  # pyright: ignore[reportOptionalMemberAccess]
        topics = {name: topic.events for name, topic in scheduler._broker._topics.items()}
        logs = {"transitions": scheduler.transition_log, **topics}
        assert topics[PROGRESS], "or nothing would be seen"
        kept = {name: len(log) for name, log in logs.items()} | of_worker
    assert max(kept.values()) < KEPT, kept
