"""From an image back to the experiment: orientation, cell, detector, structure factors, with their errors."""
