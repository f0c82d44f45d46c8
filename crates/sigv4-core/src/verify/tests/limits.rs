//! The default limits, as their documentation states them.

use super::*;

#[test]
fn limits_of_a_new_verifier_are_the_documented_ones() {
    let limits = *Verifier::new(REGION, S3).limits();
    assert_eq!(limits, Limits::default());
    assert_eq!(limits.head_bytes, 131_072);
    assert_eq!((limits.parameters, limits.signed_headers), (4_096, 256));
    assert_eq!((limits.chunk_bytes, limits.stream_bytes), (16_777_216, u64::MAX));
    #[cfg(feature = "sigv4a")]
    assert_eq!(limits.ecdsa_per_second, u32::MAX);
}
