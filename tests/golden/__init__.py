"""Each generated paper through the whole pipeline, against what was expected and what is true."""
