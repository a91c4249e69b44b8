"""Enumerations of :mod:`sessions.states` as Django choices."""

from sessions.states import STATUS_LABELS, EndKind, EventKind

STATUS_CHOICES = [(status.value, label) for status, label in STATUS_LABELS.items()]
EVENT_CHOICES = [(kind.value, kind.name.capitalize()) for kind in EventKind]
END_CHOICES = [(kind.value, kind.name.replace("_", " ").capitalize()) for kind in EndKind]
