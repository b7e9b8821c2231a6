"""A stack of an earlier version, deployed anew from what that version registered, and what the present one makes of it."""
