"""Documents that are written from the code. Each module gives one as text; ``generate_docs`` keeps the files."""
