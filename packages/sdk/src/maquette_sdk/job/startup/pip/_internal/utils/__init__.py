"""Where scripts look for `get_installed_distributions`."""
