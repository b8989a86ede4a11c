"""Other programs' files: structure factors and geometry in, geometry and images out.

A room above the physics: it reads experiments and images, and nothing of the physics reads it.
"""
