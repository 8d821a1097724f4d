"""The file that `tmp_save` writes."""

TMP_FILE_NAME = "tmp_model_analysis.npz"
