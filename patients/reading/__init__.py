"""What people type and what other systems write, read. It knows no row and no clock."""
