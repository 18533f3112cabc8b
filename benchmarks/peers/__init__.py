"""Programs of other people, each run by an interpreter of its own on the tables and models of a benchmark."""
