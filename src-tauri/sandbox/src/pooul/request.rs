//! Who asks the pretend Pooul, and whether they may.

use super::Credentials;
use super::sign::sign;
use crate::fields::{Fields, Refusal};

/// Merchant (200), `sign_type` (103) and signature (101, or 103 if it is missing). Gives the key that signed,
/// which signs the answer too.
pub(crate) fn authenticate<'c>(fields: &Fields, credentials: &'c Credentials) -> Result<&'c str, Refusal> {
    if fields.required_text("merchant_id")? != credentials.merchant_id {
        return Err(Refusal::new(200, "no such merchant"));
    }
    fields.scalars_only()?;
    if fields.optional_text("sign_type")?.is_some_and(|kind| !kind.eq_ignore_ascii_case("MD5")) {
        return Err(Refusal::field("sign_type", "must be MD5"));
    }
    if fields.optional_text("version")?.is_some_and(|version| version != "1.0") {
        return Err(Refusal::field("version", "must be 1.0"));
    }
    fields.short_text("nonce_str", 32)?;
    let given = fields.required_text("sign")?;
    let key = match fields.optional_text("sign_agentno")? {
        None => &credentials.key,
        Some(agent) if agent == credentials.sign_agentno => &credentials.agent_key,
        Some(_) => return Err(Refusal::new(101, "signature error: no such agent")),
    };
    if sign(&fields.0, key) == given { Ok(key) } else { Err(Refusal::new(101, "signature error")) }
}
