"""The door of images/roi_image.py: `python -m evidence.region x0 x1 y0 y1` stands in sealed bundles."""

import sys

from evidence.images.roi_image import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
