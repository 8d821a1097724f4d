"""Evaluation of models, as `deep_moxing.model_analysis` offers it to scripts. Needs numpy, as its callers do."""
