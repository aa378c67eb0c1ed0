"""From a ready machine to a family's desk: programmes, requests, allocation, hand-over, take-back."""
