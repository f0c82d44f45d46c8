//! What the tests of the workspace stand on, as far as the targets use it too.

#[allow(dead_code, unused_imports, reason = "the tests use all of it")]
#[path = "../../tests/support/src/edit.rs"]
pub(crate) mod edit;
#[allow(dead_code, unused_imports, reason = "the tests use all of it")]
#[path = "../../tests/support/src/oracle/mod.rs"]
pub(crate) mod oracle;
