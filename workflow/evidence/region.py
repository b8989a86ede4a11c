"""The door of images/roi_image.py: what sealed bundles run, `python -m evidence.region ...`."""

import sys

from evidence.images.roi_image import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
