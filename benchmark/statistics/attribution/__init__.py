"""Who is to blame: effects of causes and cures, suspects of a factorial, crossed sources."""
