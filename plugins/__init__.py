"""The programs that ship with Casework, one folder each; imported as casework_programs.<key>."""
