"""Model evaluation: `from deep_moxing.model_analysis.api import analyse`."""
