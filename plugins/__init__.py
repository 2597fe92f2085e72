"""The programs that are shipped with Casework; installed as casework_programs."""
