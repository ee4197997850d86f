"""The domain of expression matrices: reading, preparing, choosing the clusters, the result."""
