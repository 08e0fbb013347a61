//! Compiled patterns. Each is compiled when it is first needed and kept.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use regex::{Regex, RegexBuilder};
use virga_model::{Service, Shape};

/// Patterns by service and number of the shape; none for those that Rust's `regex` can't express.
type Compiled = HashMap<(Service, u32), Option<Arc<Regex>>>;

static COMPILED: LazyLock<RwLock<Compiled>> = LazyLock::new(RwLock::default);

/// Largest program of a pattern, in bytes.
const SIZE_LIMIT: usize = 4 << 20;

/// Whether the text matches the shape's pattern as a whole. True when the pattern needs what `regex` lacks
/// (looking around, back references): nothing is refused that AWS might accept.
pub(super) fn matches(shape: Shape, text: &str) -> bool {
    let key = (shape.service(), shape.index());
    let known = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    let compiled = known.unwrap_or_else(|| {
        let compiled = shape.pattern().and_then(compile);
        COMPILED.write().unwrap_or_else(PoisonError::into_inner).insert(key, compiled.clone());
        compiled
    });
    compiled.is_none_or(|regex| regex.is_match(text))
}

fn compile(pattern: &str) -> Option<Arc<Regex>> {
    let whole = format!(r"\A(?:{pattern})\z");
    RegexBuilder::new(&whole).size_limit(SIZE_LIMIT).build().ok().map(Arc::new)
}
