"""Several acts at the same moment, each in a process with a database connection of its own."""

import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections

from clinic.common.errors import ClinicError

DONE = "done"
PATIENCE = 180
"""Seconds after which a process that has not answered counts as stuck; nothing depends on how long one takes."""


def at_once(acts: Sequence[Callable[[], Any]]) -> list[str]:
    """Do all acts at once; what became of each: ``done``, or the code of its refusal.

    Raises:
        AssertionError: one broke on anything but a refusal, or did not come to an end.
    """
    # A forked child must not share the parent's connection, nor close what the parent still uses.
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(len(acts))
    pipes = [fork.Pipe(duplex=False) for _ in acts]
    started = [
        fork.Process(target=_perform, args=(act, gate, sender), daemon=True)
        for act, (_receiver, sender) in zip(acts, pipes, strict=True)
    ]
    for process in started:
        process.start()
    try:
        return [_outcome(receiver) for receiver, _sender in pipes]
    finally:
        for process in started:
            process.join(PATIENCE)
            process.kill()


def tally(acts: Sequence[Callable[[], Any]]) -> Counter[str]:
    """How often each outcome came."""
    return Counter(at_once(acts))


def _perform(act: Callable[[], Any], gate: Any, sender: Any) -> None:
    try:
        connection = connections["default"]
        if connection.vendor == "sqlite":
            # Those who wait for one file are let in without order: on a busy machine somebody waits for minutes.
            connection.settings_dict["OPTIONS"]["timeout"] = PATIENCE
        # Connect before the gate, so that the acts and not the connecting happen at once.
        connection.ensure_connection()
        gate.wait(PATIENCE)
        act()
        sender.send((DONE, True))
    except ClinicError as refusal:
        sender.send((refusal.code, True))
    except BaseException as error:
        sender.send((f"{type(error).__name__}: {error}", False))
    finally:
        connections.close_all()


def _outcome(receiver: Any) -> str:
    assert receiver.poll(PATIENCE), "a process is stuck"
    outcome, expected = receiver.recv()
    assert expected, outcome
    return str(outcome)
