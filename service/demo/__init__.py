"""A federation of national shape, made up: for measuring, trying and teaching.

Everything is a function of the shape and its seed: the same come out whoever writes which
part. Names and numbers are fictitious; the districts are Pakistan's.
"""
