"""The numbers measured for each pair and what its bodies' stand is called."""

#: Overlaps no deeper than a micrometre are rounding, not geometry (metres).
SLACK = 1e-6
#: Vertices and places of bodies are taken to lie on a grid of this many lines a metre, half a
#: nanometre apart: what is repeated elsewhere in a building is then equal to the last bit.
GRID = 2.0**31

#: Columns of the numbers.
DEPTH, DISTANCE, VOLUME, DEVIATION = 0, 1, 2, 3
#: Points are from the corner of the first body.
POINT, DIRECTION, POINT_A, POINT_B = 4, 7, 10, 13
#: Signed overlap of the hulls: below it the true distance cannot be.
HULL = 16
#: What the depth is proved not to fall below; 0 where nothing is proved.
LEAST = 17
WIDTH = 18

#: Further apart than anyone asks.
FAR = 0
#: No shared space; the distance is wanted.
APART = 1
#: Shared space.
OVERLAP = 2
A_IN_B = 3
B_IN_A = 4
#: No answer: the numbers failed.
UNDECIDED = 5
#: The hulls overlap, the bodies may not.
OPEN_QUESTION = 6
