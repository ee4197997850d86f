"""emtools: clusters of genes, motifs in DNA, and one Expectation-Maximization engine under both."""

__version__ = "0.1.0"
