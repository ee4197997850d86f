"""Pages, charts and logos, made from result files alone."""
