"""Tests of the house itself: they read the code, so that a law does not depend on somebody remembering it."""
