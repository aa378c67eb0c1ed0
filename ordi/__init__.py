"""The domain of Ordi: a donated computer from the donor's promise to a family's desk. No Flask, no HTTP."""
