"""An organisation: its people, how they sign in, and what it set for its forms."""
