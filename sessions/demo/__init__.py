"""The demo clinic: invented people, made through the operations that staff use, dated relative to now."""
