"""Reports on semantic segmentation."""
