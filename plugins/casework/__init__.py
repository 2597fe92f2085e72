"""Individual casework: the general process from referral to follow-up."""
