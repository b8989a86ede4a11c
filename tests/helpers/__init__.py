"""What tests share: places, small projects, stand-ins for engines, bundles in the shapes of the pipeline."""
