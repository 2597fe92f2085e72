"""Aid in the browser: a family on a phone, and the people of the office each at a desk of their own."""
