"""Quantities as people type them, in whole units inside."""

from clinic.common.forms import Thousandths as Thousandths  # drug products of the floor below are typed alike
