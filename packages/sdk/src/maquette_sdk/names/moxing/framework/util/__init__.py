"""Small helpers of MoXing."""
