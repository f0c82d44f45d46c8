//! Line 2 of the canonical request: the path.

use smallvec::SmallVec;

use crate::encode::{Piece, Pieces, UNRESERVED_OR_SLASH, push_encoded};
use crate::service::{PathEncoding, PathNormalization, Rules};
use crate::text::Text;

/// Appends the canonical form of a path as it stands on the wire.
pub(crate) fn write(out: &mut Text, path: &str, rules: &Rules) {
    match rules.path_normalization {
        PathNormalization::Normalize if !is_normal(path) => {
            let start = out.len();
            for segment in segments(path) {
                out.push(b'/');
                write_encoded(out, segment, rules.path_encoding);
            }
            if out.len() == start || path.ends_with('/') {
                out.push(b'/');
            }
        }
        PathNormalization::Normalize | PathNormalization::Verbatim => {
            out.push(b'/');
            let rest = path.strip_prefix('/').unwrap_or(path);
            write_encoded(out, rest, rules.path_encoding);
        }
    }
}

/// Whether it is plain that no segment is empty, `.` or `..`.
fn is_normal(path: &str) -> bool {
    path.starts_with('/') && !path.as_bytes().windows(2).any(|pair| matches!(pair, b"//" | b"/."))
}

/// The segments that are left once empty ones, `.` and `..` are resolved.
fn segments(path: &str) -> SmallVec<[&str; 32]> {
    let mut kept = SmallVec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    kept
}

fn write_encoded(out: &mut Text, path: &str, encoding: PathEncoding) {
    match encoding {
        PathEncoding::Double => push_encoded(out, path.as_bytes(), &UNRESERVED_OR_SLASH),
        PathEncoding::Single => {
            for piece in Pieces(path.as_bytes()) {
                match piece {
                    Piece::Plain(run) => push_encoded(out, run, &UNRESERVED_OR_SLASH),
                    // `%2F` becomes `/`: S3 and its kin decode the path to a key before they sign it.
                    Piece::Escape(byte) => push_encoded(out, &[byte], &UNRESERVED_OR_SLASH),
                    Piece::LonePercent => out.extend_from_slice(b"%25"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(path: &str, rules: &Rules) -> String {
        let mut out = Text::new();
        write(&mut out, path, rules);
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn dot_segments_and_doubled_slashes_are_resolved_outside_s3() {
        for (path, expected) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/a//..", "/"),
            ("/a/.", "/a"),
            ("/a/b/..", "/a"),
            ("/a/b/../", "/a/"),
            ("/..", "/"),
            ("/../", "/"),
            ("/a/", "/a/"),
            ("//a//b//", "/a/b/"),
            ("/%2e%2e/a", "/%252e%252e/a"),
            ("/...", "/..."),
            ("foo", "/foo"),
        ] {
            assert_eq!(canonical(path, &Rules::DEFAULT), expected, "{path}");
        }
    }

    #[test]
    fn path_is_encoded_twice_outside_s3() {
        assert_eq!(canonical("/a%2Fb c/é$", &Rules::DEFAULT), "/a%252Fb%20c/%C3%A9%24");
        assert_eq!(canonical("/100%", &Rules::DEFAULT), "/100%25");
    }

    #[test]
    fn s3_path_is_verbatim_and_encoded_once() {
        for (path, expected) in [
            ("", "/"),
            ("//a/./../b//", "//a/./../b//"),
            ("/test$file.text", "/test%24file.text"),
            ("/a%7Eb%c3%a9", "/a~b%C3%A9"),
            ("/a+b", "/a%2Bb"),
            ("/a%2Bb%20c", "/a%2Bb%20c"),
            ("/100%", "/100%25"),
            ("/100%zz", "/100%25zz"),
        ] {
            assert_eq!(canonical(path, &Rules::S3), expected, "{path}");
        }
    }

    #[test]
    fn escaped_slash_in_an_s3_path_is_the_slash_of_the_key() {
        for path in ["/a/b/c", "/a%2Fb%2fc", "/a/b%2Fc", "%2Fa%2Fb%2Fc"] {
            let expected = if path.starts_with('/') { "/a/b/c" } else { "//a/b/c" };
            assert_eq!(canonical(path, &Rules::S3), expected, "{path}");
        }
        assert_eq!(canonical("/a%252Fb", &Rules::S3), "/a%252Fb");
    }
}
