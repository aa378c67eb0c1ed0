"""The computer, its drives, its state, its history: every fact the gate reads."""
