//! The profile: its settings in the two files, and how it gets its credentials.
//!
//! ```text
//!   profile a --source_profile--> profile b --source_profile--> profile c: static keys, SSO, ...
//!      ^ role, assumed last          ^ role, assumed first          ^ the base
//! ```
//!
//! This crate has its own walk, because aws-config's ignores `mfa_serial` and `duration_seconds`,
//! treats a missing `source_profile` as a source that is not configured, and mixes the keys of both
//! files. The order within a profile is that of boto: a role, web identity, SSO, the keys of the
//! credentials file, `aws login`, a process, the keys of the config file.

mod boto2;
mod files;
mod run;
mod scan;
mod walk;

pub(crate) use boto2::fault as fault_of_boto2;
pub(crate) use files::{Files, Fingerprint, Paths, Selected};
#[cfg(feature = "sso")]
pub(crate) use walk::Sso;
pub(crate) use walk::{Plan, plan};
