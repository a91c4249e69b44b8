"""The states of a session as a diagram and a table, written from :data:`sessions.states.TRANSITIONS`."""

from collections.abc import Callable, Iterable
from typing import Any

from clinic.accounts.permissions import DEFAULT_ROLES, Permission
from sessions.management.documents.refusals import Refusals, Sentence, refusals_of
from sessions.operations import arriving, leaving, running
from sessions.rules.transitions import GATES
from sessions.states import ACTION_LABELS, RUNNING, TRANSITIONS, Action, Status, Transition

# Asked for where the table of transitions says so.
REASON = "reason.missing"
# Reached by whatever may write an event, and by these verbs only while the infusion runs.
TIMELINE = "timeline.order"

INTRODUCTION = """# The states of a session

Written by `manage.py generate_docs` from `sessions/states.py` and from the sentences of the rules; change those.

A session stands in one of {statuses} states and {actions} verbs move it. What would be refused but has happened all the
same is recorded afterwards as a departure, with a reason: in the diagram, the verbs marked so.
"""


def session_states() -> str:
    """The whole document."""
    own = {
        row.action: refusals_of(_operation(row.action), GATES.get(row.action)) for row in TRANSITIONS.values()
    }
    common = _shared(list(own.values()))
    rows = [_row(row, own[row.action], common) for row in TRANSITIONS.values()]
    parts = [
        INTRODUCTION.format(statuses=len(Status), actions=len(Action)),
        _diagram(),
        "## Verbs\n",
        _table(("verb", "from", "to", "right", "refuses when"), rows),
        "Every verb is refused without its right, and also:\n",
        _list(common),
        "## States\n",
        _table(("state", "shown as", "leaves by"), [_status_row(status) for status in Status]),
    ]
    return "\n".join(parts)


def _diagram() -> str:
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{status.label}" as {status.value}' for status in Status]
    lines.append(f"    [*] --> {Status.SCHEDULED.value}")
    for row in TRANSITIONS.values():
        lines += [f"    {source} --> {row.target}: {row.action}" for source in _ordered(row.sources)]
        lines += [
            f"    {source} --> {row.target}: {row.action} (departure)"
            for source in _ordered(row.departs_from)
        ]
    lines += [f"    {status.value} --> [*]" for status in Status if not _leaving(status)]
    return "\n".join([*lines, "```", ""])


def _shared(refusals: list[Refusals]) -> list[Sentence]:
    """The sentences that every verb may be refused with."""
    first, *others = (found.sentences for found in refusals)
    return [said for said in first if all(said in sentences for sentences in others)]


def _row(row: Transition, own: Refusals, common: list[Sentence]) -> tuple[str, ...]:
    sources = [status.value for status in _ordered(row.sources)]
    sources += [f"{status.value} (departure)" for status in _ordered(row.departs_from)]
    sentences = [text for code, text in own.sentences if _applies(row, code, text, common)]
    rights = [_right(row.permission)]
    beyond = sorted({Permission[name] for name in own.rights} - {row.permission})
    rights += [f"An override needs: {_right(permission)}" for permission in beyond]
    if row.overriding:
        rights.append(f"With a reason, over open points, this right alone: {_right(row.overriding)}")
    verb = f"`{row.action}`: {ACTION_LABELS[row.action]}"
    refuses = " ".join(sentences) or "-"
    return verb, ", ".join(sources), row.target.value, ". ".join(rights), refuses


def _applies(row: Transition, code: str, text: str, common: list[Sentence]) -> bool:
    """Whether a sentence that the code holds is one of this verb and of no other reason to refuse."""
    if code == TIMELINE and not (row.sources | {row.target}) & RUNNING:
        return False
    return (code, text) not in common or (code == REASON and row.needs_reason)


def _list(common: list[Sentence]) -> str:
    """One line a code: a further sentence of the same code is about a departure, which is not refused."""
    first: dict[str, str] = {}
    for code, text in common:
        first.setdefault(code, text)
    return "".join(f"- {text}\n" for code, text in first.items() if code != REASON)


def _operation(action: Action) -> Callable[..., Any]:
    """The operation of a verb: it has the verb's name."""
    name = action.value.replace("-", "_")
    for module in (arriving, running, leaving):
        if function := getattr(module, name, None):
            found: Callable[..., Any] = function
            return found
    raise LookupError(f"no operation is called {name}")


def _right(permission: Permission) -> str:
    holders = [name.lower() for name, rights in DEFAULT_ROLES.values() if permission in rights]
    return f"{permission.label} ({', '.join(holders) or 'nobody until it is given'})"


def _status_row(status: Status) -> tuple[str, ...]:
    return f"`{status.value}`", str(status.label), ", ".join(_leaving(status)) or "nothing: it is over"


def _leaving(status: Status) -> list[str]:
    return [row.action.value for row in TRANSITIONS.values() if status in row.sources]


def _ordered(statuses: Iterable[Status]) -> list[Status]:
    return [status for status in Status if status in set(statuses)]


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n" for cells in lines)
