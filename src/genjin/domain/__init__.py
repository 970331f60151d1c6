"""What Genjin is about: frozen types and pure rules. No I/O, no clock, no SQL, no HTTP."""
