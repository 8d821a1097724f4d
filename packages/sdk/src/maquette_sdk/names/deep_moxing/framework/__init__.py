"""What evaluation scripts take from `deep_moxing.framework`."""
