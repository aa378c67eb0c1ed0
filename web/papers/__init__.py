"""Papers: what Ordi prints, and how a stranger checks it. No Flask here; facts come in, bytes go out."""
