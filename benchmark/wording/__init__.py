"""Settings and numbers as readers are told them, wherever they look."""
