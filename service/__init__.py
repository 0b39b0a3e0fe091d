"""What the institutions do, each noun in its own folder; every query of it beside it.

Inside, the direction is: imports, reports and bookkeeping > events > sheets > portfolio >
arrears and mobilisation > federation > loans > savings > members > organisations > books;
import-linter holds it (`pyproject.toml`).
"""
