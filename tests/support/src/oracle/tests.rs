use super::*;

const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn headers(pairs: &[(&str, &str)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
        .collect()
}

fn request(method: &str, target: &str, pairs: &[(&str, &str)], body: &[u8]) -> Request {
    let (path, query) = Request::split_target(target.as_bytes());
    Request { method: method.into(), path, query, headers: headers(pairs), body: body.to_vec() }
}

fn s3_oracle() -> Oracle {
    Oracle::new("us-east-1", "s3", Rules::S3, ACCESS_KEY, SECRET)
}

/// Amazon S3 API Reference, "Signature Calculations for the Authorization Header", GET Object.
fn s3_get() -> Request {
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
        SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,\
        Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
    let pairs = [
        ("Host", "examplebucket.s3.amazonaws.com"),
        ("Authorization", authorization),
        ("Range", "bytes=0-9"),
        ("x-amz-content-sha256", EMPTY),
        ("x-amz-date", "20130524T000000Z"),
    ];
    request("GET", "/test.txt", &pairs, b"")
}

#[test]
fn s3_documentation_get_is_accepted() {
    let checked = s3_oracle().check(&s3_get()).unwrap();
    assert_eq!(checked.form, Form::Header);
    let expected = "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\n\
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n\
        x-amz-date:20130524T000000Z\n\nhost;range;x-amz-content-sha256;x-amz-date\n\
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(String::from_utf8(checked.canonical_request).unwrap(), expected);
}

#[test]
fn one_changed_byte_is_refused_wherever_it_is() {
    let oracle = s3_oracle();
    let mut changed = s3_get();
    changed.path = b"/test.tx".to_vec();
    assert!(oracle.check(&changed).unwrap_err().starts_with("signature:"));
    let mut changed = s3_get();
    changed.headers[2].1 = b"bytes=0-8".to_vec();
    assert!(oracle.check(&changed).unwrap_err().starts_with("signature:"));
    let mut changed = s3_get();
    changed.body = b"x".to_vec();
    assert!(oracle.check(&changed).unwrap_err().starts_with("payload:"));
    let mut changed = s3_get();
    changed.query = b"acl".to_vec();
    assert!(oracle.check(&changed).unwrap_err().starts_with("signature:"));
}

#[test]
fn an_unsigned_amz_header_is_refused() {
    let mut added = s3_get();
    added.headers.push((b"x-amz-acl".to_vec(), b"public-read".to_vec()));
    assert_eq!(s3_oracle().check(&added).unwrap_err(), "the header `x-amz-acl` is not signed");
}

#[test]
fn a_token_must_be_the_keys_own() {
    let oracle = s3_oracle().with_token("token");
    assert_eq!(oracle.check(&s3_get()).unwrap_err(), "the session token was not sent");
}

#[test]
fn s3_documentation_presigned_get_is_accepted() {
    let target = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let presigned = request("GET", target, &[("host", "examplebucket.s3.amazonaws.com")], b"");
    assert_eq!(s3_oracle().check(&presigned).unwrap().form, Form::Query);
}

/// AWS IAM User Guide, the ListUsers request that the signing steps use.
#[test]
fn iam_documentation_list_users_is_accepted() {
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date, \
        Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
    let pairs = [
        ("Host", "iam.amazonaws.com"),
        ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("X-Amz-Date", "20150830T123600Z"),
        ("Authorization", authorization),
    ];
    let listing = request("GET", "/?Action=ListUsers&Version=2010-05-08", &pairs, b"");
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let oracle = Oracle::new("us-east-1", "iam", Rules::DEFAULT, "AKIDEXAMPLE", secret);
    oracle.check(&listing).unwrap();
    assert_eq!(
        hex(&signing_key(secret, "20150830", "us-east-1", "iam")),
        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    );
}

/// Amazon S3 API Reference, "Transferring Payload in Multiple Chunks": 65 KiB and 1 KiB of `a`.
fn chunked_upload() -> Request {
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
        SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
        x-amz-decoded-content-length;x-amz-storage-class,\
        Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    let pairs = [
        ("Host", "s3.amazonaws.com"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("Authorization", authorization),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("Content-Encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("Content-Length", "66824"),
    ];
    let framed = [
        "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n",
        &"a".repeat(65_536),
        "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n",
        &"a".repeat(1024),
        "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n",
    ];
    request("PUT", "/examplebucket/chunkObject.txt", &pairs, framed.concat().as_bytes())
}

#[test]
fn s3_documentation_chunked_upload_is_accepted_and_decoded() {
    let upload = chunked_upload();
    assert_eq!(upload.body.len(), 66_824);
    let checked = s3_oracle().check(&upload).unwrap();
    assert_eq!(checked.body, vec![b'a'; 66_560]);
}

#[test]
fn a_changed_chunk_is_refused() {
    let mut upload = chunked_upload();
    upload.body[200] = b'b';
    assert!(s3_oracle().check(&upload).unwrap_err().starts_with("chunk signature:"));
}

#[test]
fn a_stream_cut_after_a_whole_chunk_is_refused() {
    let mut upload = chunked_upload();
    let end = upload.body.len() - 88;
    upload.body.truncate(end);
    assert!(s3_oracle().check(&upload).is_err());
}

/// Amazon S3 API Reference, "Transferring Payload in Multiple Chunks ... trailing headers".
fn trailer_upload() -> Request {
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
        SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;\
        x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer,\
        Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
    let pairs = [
        ("Host", "s3.amazonaws.com"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("Authorization", authorization),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        ("Content-Encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("x-amz-trailer", "x-amz-checksum-crc32c"),
    ];
    let framed = [
        "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n",
        &"a".repeat(65_536),
        "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n",
        &"a".repeat(1024),
        "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n\
        x-amz-checksum-crc32c:sOO8/Q==\r\n\
        x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
    ];
    request("PUT", "/examplebucket/chunkObject.txt", &pairs, framed.concat().as_bytes())
}

#[test]
fn s3_documentation_trailer_upload_is_accepted() {
    let checked = s3_oracle().check(&trailer_upload()).unwrap();
    assert_eq!(checked.trailers, [("x-amz-checksum-crc32c".to_owned(), b"sOO8/Q==".to_vec())]);
}

#[test]
fn a_changed_trailer_is_refused() {
    let mut upload = trailer_upload();
    let at = upload.body.windows(8).position(|window| window == b"sOO8/Q==").unwrap();
    upload.body[at] = b't';
    assert!(s3_oracle().check(&upload).unwrap_err().starts_with("trailer signature:"));
}

#[test]
fn default_rules_resolve_segments_and_encode_twice() {
    let cases = [
        ("", "/"),
        ("/", "/"),
        ("//", "/"),
        ("/a/.", "/a"),
        ("/a/b/..", "/a"),
        ("/a/b/../", "/a/"),
        ("/..", "/"),
        ("/../", "/"),
        ("/a//..", "/"),
        ("/a//b/", "/a/b/"),
        ("/a%2Fb", "/a%252Fb"),
        ("/%2e%2e/a", "/%252e%252e/a"),
        ("/a%", "/a%25"),
    ];
    for (path, expected) in cases {
        let canonical = canonical_path(path.as_bytes(), Rules::DEFAULT);
        assert_eq!(String::from_utf8(canonical).unwrap(), expected, "{path}");
    }
}

#[test]
fn s3_rules_keep_segments_and_encode_once() {
    let cases = [
        ("", "/"),
        ("//", "//"),
        ("/a/./../b", "/a/./../b"),
        ("/$%7E%c3%bc", "/%24~%C3%BC"),
        ("/a%2fb", "/a/b"),
        ("/a%2F%252Fb", "/a/%252Fb"),
        ("/a%zz", "/a%25zz"),
        ("/ü", "/%C3%BC"),
    ];
    for (path, expected) in cases {
        let canonical = canonical_path(path.as_bytes(), Rules::S3);
        assert_eq!(String::from_utf8(canonical).unwrap(), expected, "{path}");
    }
}

#[test]
fn query_is_sorted_by_name_then_value() {
    let cases = [
        ("a-b=1&a=1", "a=1&a-b=1"),
        ("a=2&a=1&a", "a=&a=1&a=2"),
        ("&&=v&=&b", "=&=v&b="),
        ("k=a+b", "k=a%20b"),
        ("k=%c3%bc/", "k=%C3%BC%2F"),
        ("b=2&X-Amz-Signature=0", "b=2"),
    ];
    for (query, expected) in cases {
        let canonical = canonical_query(query.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(canonical).unwrap(), expected, "{query}");
    }
}

#[test]
fn a_lone_percent_in_a_query_is_an_error() {
    assert!(canonical_query(b"a=1%").is_err());
    assert!(canonical_query(b"a=%4").is_err());
}

#[test]
fn header_values_are_folded_and_joined() {
    let pairs = [("A", "  x \t y  "), ("a", ""), ("B", "\"q  q\"")];
    let folded = request("GET", "/", &pairs, b"");
    let lines = canonical_headers(&folded, &["a".to_owned(), "b".to_owned()]).unwrap();
    assert_eq!(String::from_utf8(lines).unwrap(), "a:x y,\nb:\"q q\"\n");
}

#[test]
fn targets_split_into_path_and_query() {
    let split = |target: &str| {
        let (path, query) = Request::split_target(target.as_bytes());
        (String::from_utf8(path).unwrap(), String::from_utf8(query).unwrap())
    };
    assert_eq!(split("/a?b?c"), ("/a".into(), "b?c".into()));
    assert_eq!(split("/u=http://x/?y"), ("/u=http://x/".into(), "y".into()));
    assert_eq!(split("http://host/a?b"), ("/a".into(), "b".into()));
    assert_eq!(split("http://host?b"), (String::new(), "b".into()));
}
