#![doc = include_str!("../README.md")]

mod bedrock;
mod codecommit;
mod dsql;
mod eks;
mod elasticache;
mod error;
mod exec_credential;
mod fixed_text;
mod google;
mod host;
mod iot;
mod keyspaces;
mod memorydb;
mod mongodb;
mod msk;
mod presign;
mod rds;
mod recipe;
mod renewing;
mod shared_load;
mod sts;
#[cfg(test)]
mod testing;
mod text;
mod token;
mod vault;

pub use bedrock::{Bedrock, bedrock};
pub use codecommit::{CodeCommit, codecommit};
pub use dsql::{Dsql, dsql, dsql_admin};
pub use eks::{Eks, eks};
pub use elasticache::{ElastiCache, elasticache};
pub use error::TokenError;
pub use exec_credential::exec_credential;
pub use google::{Google, google};
pub use iot::{Iot, iot};
pub use keyspaces::{INITIAL_RESPONSE, Keyspaces, keyspaces};
pub use memorydb::{MemoryDb, memorydb};
pub use mongodb::{MongoDb, MongoDbAnswer, mongodb};
pub use msk::{Msk, msk};
pub use rds::{Rds, rds};
pub use recipe::Recipe;
pub use renewing::Renewing;
pub use token::{Secret, Token};
pub use vault::{Vault, vault};

#[doc(no_inline)]
pub use sigv4_core::{
    Credentials, CredentialsError, CredentialsFuture, CredentialsProvider, PayloadHash, Region,
    Service, SignError, Signer,
};
