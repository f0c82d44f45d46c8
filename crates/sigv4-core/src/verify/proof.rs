//! The only place where signatures are compared.

use ctutils::CtEq;

use super::error::VerifyError;
use crate::credentials::Credentials;
use crate::scope::CredentialScope;
use crate::sign::signature::Signature;
use crate::time::SigningTime;
use crate::verify::stand_in::StandIn;

/// The essence of a claim: a text, and the alleged signer.
pub(crate) struct Proof<'a> {
    pub(crate) access_key_id: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) signature: Signature,
    pub(crate) scope: CredentialScope<'a>,
    pub(crate) text: &'a [u8],
    pub(crate) now: SigningTime,
}

impl Proof<'_> {
    /// Checks signature and token. All of the work is done before the result, whether there is a
    /// key or the stand-in is used in its place.
    pub(crate) fn check(
        &self,
        credentials: Option<&Credentials>,
        stand_in: &StandIn,
    ) -> Result<(), VerifyError> {
        let (id, scope) = (self.access_key_id, &self.scope);
        let same_signature = match credentials {
            Some(known) => stand_in.verifies_known(known, id, scope, self.text, &self.signature),
            None => stand_in.verifies_unknown(id, scope, self.text, &self.signature),
        };
        let token = credentials.and_then(Credentials::session_token);
        let same_token = bytes(token).ct_eq(bytes(self.token)).to_bool();

        let Some(known) = credentials else {
            return Err(VerifyError::UnknownKey);
        };
        if known.access_key_id() != self.access_key_id {
            return Err(VerifyError::KeyOfAnother);
        }
        // Nobody can have signed with such a secret, so the key store is wrong.
        known.check_secret().map_err(VerifyError::Credentials)?;
        if !same_signature {
            return Err(VerifyError::WrongSignature);
        }
        known.check(self.now).map_err(VerifyError::Credentials)?;
        match (token.is_some(), self.token.is_some()) {
            (true, false) => Err(VerifyError::MissingToken),
            (false, true) => Err(VerifyError::UnexpectedToken),
            _ if !same_token => Err(VerifyError::WrongToken),
            _ => Ok(()),
        }
    }
}

fn bytes(token: Option<&str>) -> &[u8] {
    token.unwrap_or_default().as_bytes()
}
