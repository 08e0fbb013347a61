//! Handles: a service, and the places in its flat form where its shapes, members and operations stand.

/// The model of one service.
#[derive(Clone, Copy)]
pub struct Service {
    pub(crate) bytes: &'static [u8],
}

/// A shape of a service.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    pub(crate) service: Service,
    pub(crate) row: u32,
}

/// A member of a structure, list or map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub(crate) service: Service,
    pub(crate) row: u32,
}

/// An operation of a service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    pub(crate) service: Service,
    pub(crate) row: u32,
}

// Two handles are equal when they read the same bytes at the same place.
impl PartialEq for Service {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.bytes, other.bytes)
    }
}

impl Eq for Service {}

impl std::hash::Hash for Service {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bytes.as_ptr().hash(state);
    }
}

macro_rules! debug_by_name {
    ($($type:ident)*) => {$(
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($type), self.name())
            }
        }
    )*};
}
debug_by_name!(Service Shape Member Operation);
