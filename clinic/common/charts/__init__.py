"""Geometry of charts, computed here and drawn by ``templates/_components/charts``. Knows numbers, no meaning."""
