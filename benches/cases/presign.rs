//! Presigned URLs.

use aws_sigv4::http_request::SignableBody;
use benches::{Case, Contender};
use http::Uri;

use super::inputs::{self, EXPIRES};
use super::{OURS, aws, floor, ours, peers};

/// Row d: presigns the URL of a GET.
pub(crate) fn get() -> Case {
    let (identity, request) = (aws::identity(), inputs::object());
    let uri = request.uri().to_string();
    let theirs = move || {
        let mut request = request.clone();
        let settings = aws::s3_presigned(EXPIRES);
        let body = SignableBody::UnsignedPayload;
        let (instructions, _) =
            aws::sign_request(&identity, "s3", settings, (&request, &uri), body);
        instructions.apply_to_request_http1x(&mut request);
        request
    };
    let rusty_s3 = peers::rusty_s3();
    let expected = signature(&ours::presigned_uri()());
    assert_eq!(expected, signature(theirs().uri()));
    assert_eq!(expected, signature(&rusty_s3().as_str().parse().unwrap()));
    Case {
        row: "d",
        title: "S3 presigned GET: the URL",
        contenders: vec![
            Contender::new(OURS, ours::presigned()),
            Contender::new("sigv4-core, as Uri", ours::presigned_uri()),
            Contender::new(aws::NAME, theirs).with_target(8.0),
            Contender::new(peers::RUSTY_S3, rusty_s3).with_target(6.0),
            floor::blocks(9),
        ],
    }
}

fn signature(uri: &Uri) -> String {
    let query = uri.query().unwrap();
    query.split('&').find(|pair| pair.starts_with("X-Amz-Signature=")).unwrap().to_owned()
}
