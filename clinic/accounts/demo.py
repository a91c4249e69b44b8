"""The accounts of the demo: they open nothing outside demo mode, so their password and PIN may be known."""

PASSWORD = "infusion-demo"
PIN = "7193"
