"""The demo company: a made-up Chinese firm that sells things for the home, with its customers and their purchases.

Everything comes from a seed and a day: the same seed, size and day give the same company. Nothing is copied from
real people or firms; names, numbers and codes are drawn by rule (so that they are valid) and belong to nobody.
"""
