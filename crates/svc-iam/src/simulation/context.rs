//! The condition keys of a simulated request: those that the caller of the simulation gives, then what is known of the
//! simulated principal.

use std::borrow::Cow;
use std::collections::HashMap;

use virga_api::iam as api;
use virga_iam::evaluation::{ConditionContext, Values};
use virga_iam::{Caller, Principal};
use virga_model::view::List;

/// Keys in small letters, with their values.
pub(super) struct Context(HashMap<String, (bool, Vec<String>)>);

impl Context {
    /// Takes the entries as they are given; `caller` is whoever is simulated, when that is known.
    pub(super) fn new(
        entries: Option<List<'_, &api::ContextEntry>>,
        caller: Option<&Caller>,
        tags: &[(String, String)],
    ) -> Self {
        let mut keys = HashMap::new();
        if let Some(caller) = caller {
            let mut put = |key: &str, value: String| keys.insert(key.to_owned(), (false, vec![value]));
            put("aws:principalaccount", caller.account.to_string());
            put("aws:userid", caller.user_id());
            if let Some(arn) = caller.identity_arn() {
                put("aws:principalarn", arn);
            }
            let kind = match &caller.principal {
                Principal::User { name, .. } => {
                    put("aws:username", name.clone());
                    "User"
                }
                Principal::Root => "Account",
                _ => "AssumedRole",
            };
            put("aws:principaltype", kind.to_owned());
            for (key, value) in tags {
                put(&format!("aws:principaltag/{}", key.to_ascii_lowercase()), value.clone());
            }
        }
        for entry in entries.into_iter().flat_map(List::iter) {
            let Some(name) = entry.context_key_name() else { continue };
            let many = entry.context_key_type().is_some_and(|kind| kind.ends_with("List"));
            let values: Vec<String> =
                entry.context_key_values().into_iter().flat_map(List::iter).map(str::to_owned).collect();
            keys.insert(name.to_ascii_lowercase(), (many || values.len() > 1, values));
        }
        Context(keys)
    }

    /// Whether a key has a value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(&key.to_ascii_lowercase())
    }
}

impl ConditionContext for Context {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let (many, values) = self.0.get(key)?;
        match values.as_slice() {
            [one] if !many => Some(Values::one(one.as_str())),
            all => Some(Values::Many(all.iter().map(|value| Cow::Borrowed(value.as_str())).collect())),
        }
    }
}
