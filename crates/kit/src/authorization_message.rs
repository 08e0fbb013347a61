//! Encoded authorization messages: what a refused caller may show to somebody who is allowed to read it. The text is
//! compressed and sealed with a key of the world; STS's `DecodeAuthorizationMessage` opens it. What it says is in
//! [`describe`]. <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use virga_iam::Caller;
use virga_iam::evaluation::Outcome;
use virga_iam::policy::PolicyPrincipal;
use virga_store::{Fault, Reader, Space, Store, stored};

use crate::LoggedDecision;
use crate::secrets::secret_bytes;

/// The key that messages are sealed with.
#[derive(Clone, Serialize, Deserialize)]
struct SealingKey(Vec<u8>);
stored!(SealingKey, 1);

static SEALING_KEY: Space<SealingKey> = Space::new("kit.authorization-message-key");

const KEY_LENGTH: usize = 32;
/// The longest decoded message.
const LONGEST: u64 = 1 << 20;

/// What was decided about a caller, as AWS writes it: the statements that deny, and what was asked.
pub fn describe(caller: &Caller, decision: &LoggedDecision) -> String {
    let is_explicit = matches!(decision.decision.outcome, Outcome::ExplicitDeny(_));
    let matched: Vec<Value> = if is_explicit { deciding_statement(decision) } else { Vec::new() };
    let name = caller.arn().and_then(|arn| arn.rsplit(['/', ':']).next().map(str::to_owned));
    let conditions: Vec<Value> = decision
        .asked
        .iter()
        .filter_map(|(key, values)| Some(json!({ "key": key, "values": items(values.as_ref()?) })))
        .collect();
    json!({
        "allowed": decision.allows(),
        "explicitDeny": is_explicit,
        "matchedStatements": { "items": matched },
        "failures": { "items": [] },
        "context": {
            "principal": { "id": caller.user_id(), "name": name, "arn": caller.arn() },
            "action": decision.action,
            "resource": decision.resource,
            "conditions": { "items": conditions },
        },
    })
    .to_string()
}

fn deciding_statement(decision: &LoggedDecision) -> Vec<Value> {
    let Some(deciding) = &decision.decision.decided_by else { return Vec::new() };
    let Some(statement) = deciding.policy.policy().statements().get(deciding.statement) else {
        return Vec::new();
    };
    let conditions: Vec<Value> = statement
        .conditions()
        .iter()
        .map(|condition| json!({ "key": condition.key(), "operator": condition.operator() }))
        .collect();
    let principals =
        statement.principals().map(|(principals, _)| principals.iter().map(PolicyPrincipal::as_str));
    let resources = statement.resources().map(|(resources, _)| resources);
    vec![json!({
        "statementId": statement.sid().unwrap_or_default(),
        "effect": "DENY",
        "principals": items(principals.into_iter().flatten()),
        "actions": items(statement.actions().0),
        "resources": items(resources.into_iter().flatten()),
        "conditions": { "items": conditions },
    })]
}

fn items<T: Serialize>(values: impl IntoIterator<Item = T>) -> Value {
    let items: Vec<Value> = values.into_iter().map(|value| json!({ "value": value })).collect();
    json!({ "items": items })
}

/// Seals a message for an account. Makes the world's key when there is none yet.
///
/// # Errors
/// When the store fails.
pub fn encode(store: &Store, account: &str, message: &str) -> Result<String, Fault> {
    let stored = store.read()?.get(&SEALING_KEY.key(()))?;
    let key = match stored {
        Some(key) => key,
        None => make_key(store)?,
    };
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    let written = packed.write_all(message.as_bytes()).and_then(|()| packed.finish());
    let mut sealed =
        written.map_err(|error| Fault::new(format!("a message can't be compressed: {error}")))?;
    let nonce = secret_bytes(NONCE_LEN)?;
    let failed = |_| Fault::new("a message can't be sealed");
    let own = Nonce::try_assume_unique_for_key(&nonce).map_err(failed)?;
    sealing(&key)?.seal_in_place_append_tag(own, Aad::from(account), &mut sealed).map_err(failed)?;
    Ok(URL_SAFE_NO_PAD.encode([nonce, sealed].concat()))
}

/// Opens a message that was sealed for the account; none when the text is none.
///
/// # Errors
/// When the store fails.
pub fn decode(reader: &impl Reader, account: &str, encoded: &str) -> Result<Option<String>, Fault> {
    let Some(key) = reader.get(&SEALING_KEY.key(()))? else { return Ok(None) };
    let key = sealing(&key)?;
    Ok(open(&key, account, encoded))
}

fn open(key: &LessSafeKey, account: &str, encoded: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut sealed = sealed.to_vec();
    let packed = key.open_in_place(nonce, Aad::from(account), &mut sealed).ok()?;
    let mut text = String::new();
    DeflateDecoder::new(&*packed).take(LONGEST).read_to_string(&mut text).ok()?;
    Some(text)
}

fn make_key(store: &Store) -> Result<SealingKey, Fault> {
    let drawn = SealingKey(secret_bytes(KEY_LENGTH)?);
    let committed = store.write(|txn| match txn.get(&SEALING_KEY.key(()))? {
        Some(other) => Ok(other),
        None => {
            txn.put(&SEALING_KEY.key(()), &drawn)?;
            Ok(drawn.clone())
        }
    })?;
    Ok(committed.value)
}

fn sealing(key: &SealingKey) -> Result<LessSafeKey, Fault> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, &key.0);
    key.map(LessSafeKey::new).map_err(|_| Fault::new("the key of authorization messages is no key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_account_opens_what_was_sealed_for_it() {
        let store = Store::memory();
        let text = r#"{"allowed":false,"context":{"action":"ec2:RunInstances"}}"#;
        let sealed = encode(&store, "111122223333", text).unwrap();
        let read = store.read().unwrap();
        assert_eq!(decode(&read, "111122223333", &sealed).unwrap().as_deref(), Some(text));
        assert_eq!(decode(&read, "999988887777", &sealed).unwrap(), None);
        let mut letters: Vec<char> = sealed.chars().collect();
        letters[20] = if letters[20] == 'A' { 'B' } else { 'A' };
        let tampered: String = letters.into_iter().collect();
        for wrong in ["", "x", "AAAA", &tampered] {
            assert_eq!(decode(&read, "111122223333", wrong).unwrap(), None, "{wrong}");
        }
        assert_ne!(encode(&store, "111122223333", text).unwrap(), sealed);
    }
}
