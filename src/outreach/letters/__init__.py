"""Templates and a planned dispatch in, finished bytes out. The date is an argument."""
