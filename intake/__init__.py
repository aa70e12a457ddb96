"""`intake` decides: what came in, what it is, whether the register has it, and who must look at it. No Flask here."""
