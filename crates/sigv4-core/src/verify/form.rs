//! Where a signature stands.

/// Where a signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned URL.
    Query,
    /// In the fields of a form: a POST policy.
    Post,
}
