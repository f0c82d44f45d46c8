//! A separate package, so that the example `tokens` builds little more than `sigv4-tokens`.
