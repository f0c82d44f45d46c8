//! Other people's clients, each signed through the door that it has: one example a client.
