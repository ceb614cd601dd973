"""What readers are told, in words: settings, series, measures, claims, numbers."""
