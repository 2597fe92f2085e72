"""Building the distribution and keeping the catalogues of translations."""
