"""The accounts of the demo: they open nothing outside demo mode, so their password may be known."""

PASSWORD = "infusion-demo"
