"""What the institutions do, each noun in its own folder; every query of it beside it.

Inside, the direction is: imports and reports > sheets and events > arrears and
mobilisation > federation > loans > savings > members > organisations > books.
"""
