"""Statements by name: each a function of open books and a scope, with its columns beside it.

A query gives frozen rows, a statement chooses and sums them, its columns say what a cell is;
what becomes of the cells (JSON, CSV, a page) is for others. Every figure is worked out from
the lines, for any period and as known by any moment. The table in `registry` is all there are.
"""
