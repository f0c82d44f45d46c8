//! How long a signature is valid.

use super::*;

#[test]
fn header_form_holds_for_fifteen_minutes_either_way() {
    let verifier = Verifier::new(REGION, S3);
    let parts = signed(S3, &key());
    for (offset, accepted) in [(-901, false), (-900, true), (900, true), (901, false)] {
        let read = verifier.read(&parts, now().offset(offset).unwrap());
        assert_eq!(read.is_ok(), accepted, "{offset}");
    }
    let strict = verifier.with_max_skew(60);
    assert!(strict.read(&parts, now().offset(61).unwrap()).is_err());
}

#[test]
fn presigned_url_holds_from_its_date_less_the_skew_to_its_end() {
    let verifier = Verifier::new(REGION, S3);
    let parts = presigned(60, now());
    for (offset, accepted) in [(-901, false), (-900, true), (60, true), (61, false)] {
        let read = verifier.read(&parts, now().offset(offset).unwrap());
        assert_eq!(read.is_ok(), accepted, "{offset}");
    }
    let short = verifier.with_max_expires(59);
    assert_eq!(short.read(&parts, now()).err(), Some(VerifyError::InvalidExpires { max: 59 }));
}
