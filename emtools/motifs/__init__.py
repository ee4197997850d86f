"""The domain of DNA motifs: sequences, promoters, background, discovery, significance, names, formats."""
