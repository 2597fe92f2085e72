"""Pages: what every request brings along, templates, assets, errors and health."""
