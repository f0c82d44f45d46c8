//! Presigned URLs.

use std::hint::black_box;

use aws_sigv4::http_request::SignableBody;
use benches::{Case, Contender};
use http::{Request, Uri};

use super::inputs::{self, EXPIRES, OBJECT_HOST};
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
            Contender::new(aws::NAME, theirs).with_target(9.0),
            Contender::new(peers::RUSTY_S3, rusty_s3).with_target(5.5),
            floor::blocks(9).with_multiple(2.3),
        ],
    }
}

/// Row d': presigns the URLs of 1,024 GETs.
pub(crate) fn many() -> Case {
    const PATHS: usize = 1024;
    let (identity, paths) = (aws::identity(), (0..PATHS).map(inputs::object_path));
    let urls: Vec<_> = paths.map(|path| format!("https://{OBJECT_HOST}{path}")).collect();
    let sign = move |url: &String| {
        let request = Request::get(url).body(()).unwrap();
        let (settings, body) = (aws::s3_presigned(EXPIRES), SignableBody::UnsignedPayload);
        aws::sign_request(&identity, "s3", settings, (&request, url), body).1
    };
    let mut expected = urls.iter().map(&sign).collect::<Vec<_>>().into_iter();
    ours::presigned_many(PATHS, move |url| {
        assert!(url.as_str().ends_with(&expected.next().unwrap()));
    })();
    let theirs = move || urls.iter().for_each(|url| drop(black_box(sign(url))));
    Case {
        row: "d'",
        title: "the URLs of 1,024 such GETs, all together",
        contenders: vec![
            Contender::new(OURS, ours::presigned_many(PATHS, |url| drop(black_box(url)))),
            Contender::new(aws::NAME, theirs).with_target(11.0),
            floor::blocks(9 * PATHS).with_multiple(1.9),
        ],
    }
}

fn signature(uri: &Uri) -> String {
    let query = uri.query().unwrap();
    query.split('&').find(|pair| pair.starts_with("X-Amz-Signature=")).unwrap().to_owned()
}
