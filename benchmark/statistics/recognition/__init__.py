"""Which cause a curve alone gives away: features, fingerprints, a classifier of causes."""
