"""What leaves by mail: an outbox written in the transaction that decides a message, and the post that carries it."""
