//! What the generated types of `virga-api` are made of: typed views of records.
//!
//! A generated structure is a name for the service's `View` of [`Record`] ([`views!`](crate::views)), with an accessor
//! and a setter for each member. Accessors read a slot in place ([`Read`]); setters take whatever [`Put`]s a value of
//! the member's kind.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use bytes::Bytes;

use crate::{Document, Map, Record, Shape, Text, Timestamp, Value};

/// A typed structure over a record.
pub trait Structure: Sized {
    /// The shape in the model; none for [`Nothing`].
    fn shape() -> Option<Shape>;
    /// Takes a record of this shape.
    fn from_record(record: Record) -> Self;
    /// The record itself.
    fn into_record(self) -> Record;
    /// The record in place.
    fn as_record(&self) -> &Record;
    /// Sees a record of this shape in place.
    fn view(record: &Record) -> &Self;
}

/// An operation of a service: ties its number in the model to its types.
pub trait Operation {
    /// Typed input.
    type Input: Structure;
    /// Typed output.
    type Output: Structure;
    /// Number in the model: operations are sorted by name.
    const INDEX: usize;
    /// The operation in the model.
    fn model() -> crate::Operation;
}

/// Names a structure of a service: the parameter of the service's `View`.
pub trait Marker {
    /// Number of the shape in the service's model.
    const SHAPE: u32;
}

/// Declares what all structures and operations of a service share, once: the compiler's work for a structure is then
/// that of its members alone. `$model` is a function that gives the service's model.
#[macro_export]
macro_rules! views {
    ($model:path) => {
        use ::std::{fmt, marker::PhantomData, ptr};
        use $crate::{Record, Shape, view};

        /// A record of this service, seen as the structure `M`.
        #[repr(transparent)]
        pub struct View<M>(pub(super) Record, PhantomData<fn() -> M>);

        impl<M: view::Marker> View<M> {
            /// With all members absent.
            pub fn new() -> Self {
                View(Record::new($model().shape_at(M::SHAPE)), PhantomData)
            }
        }

        impl<M> Clone for View<M> {
            fn clone(&self) -> Self {
                View(self.0.clone(), PhantomData)
            }
        }

        impl<M> PartialEq for View<M> {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<M> fmt::Debug for View<M> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<M: view::Marker> view::Structure for View<M> {
            fn shape() -> Option<Shape> {
                Some($model().shape_at(M::SHAPE))
            }
            fn from_record(record: Record) -> Self {
                View(record, PhantomData)
            }
            fn into_record(self) -> Record {
                self.0
            }
            fn as_record(&self) -> &Record {
                &self.0
            }
            #[expect(unsafe_code, reason = "a record in a list or a slot is seen as its type without a copy")]
            fn view(record: &Record) -> &Self {
                // SAFETY: the type is `repr(transparent)` over `Record`, so both references have the same layout.
                unsafe { &*ptr::from_ref(record).cast::<Self>() }
            }
        }

        /// Sets a member.
        pub(super) fn set<M, K: ?Sized>(
            mut view: View<M>,
            ordinal: usize,
            value: impl $crate::view::Put<K>,
        ) -> View<M> {
            view.0.set(ordinal, value.into_value());
            view
        }

        /// The operation with this number in the model.
        pub struct Operation<I, O, const INDEX: usize>(PhantomData<fn(I) -> O>);

        impl<I: view::Structure, O: view::Structure, const INDEX: usize> view::Operation
            for Operation<I, O, INDEX>
        {
            type Input = I;
            type Output = O;
            const INDEX: usize = INDEX;
            fn model() -> $crate::Operation {
                $model().operation_at(INDEX).expect("the model has the operation")
            }
        }
    };
}

/// The input or output of an operation that has none.
#[derive(Debug, Clone, PartialEq)]
#[repr(transparent)]
pub struct Nothing(Record);

impl Structure for Nothing {
    fn shape() -> Option<Shape> {
        None
    }
    fn from_record(record: Record) -> Self {
        Nothing(record)
    }
    fn into_record(self) -> Record {
        self.0
    }
    fn as_record(&self) -> &Record {
        &self.0
    }
    #[expect(unsafe_code, reason = "a record in a list or a slot is seen as its type without a copy")]
    fn view(record: &Record) -> &Self {
        // SAFETY: the type is `repr(transparent)` over `Record`, so both references have the same layout.
        unsafe { &*std::ptr::from_ref(record).cast::<Self>() }
    }
}

impl Nothing {
    /// The one value.
    pub fn new() -> Self {
        Nothing(Record::empty())
    }
}

impl Default for Nothing {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads a value of one kind in place.
pub trait Read<'a>: Sized {
    /// The value, or none when it is absent (or of another kind, which decoding by the model excludes).
    fn read(value: &'a Value) -> Option<Self>;
}

macro_rules! read {
    ($($type:ty: $pattern:pat => $value:expr;)*) => {$(
        impl<'a> Read<'a> for $type {
            #[inline]
            fn read(value: &'a Value) -> Option<Self> {
                match value {
                    $pattern => $value,
                    _ => None,
                }
            }
        }
    )*};
}

read! {
    &'a str: Value::String(text) => Some(text);
    &'a Text: Value::String(text) => Some(text);
    &'a Bytes: Value::Blob(bytes) => Some(bytes);
    &'a Document: Value::Document(document) => Some(document);
    bool: Value::Bool(value) => Some(*value);
    i32: Value::Integer(value) => i32::try_from(*value).ok();
    i64: Value::Integer(value) => Some(*value);
    f64: Value::Double(value) => Some(*value);
    Timestamp: Value::Timestamp(time) => Some(*time);
}

impl<'a, T: Structure> Read<'a> for &'a T {
    #[inline]
    fn read(value: &'a Value) -> Option<Self> {
        match value {
            Value::Structure(record) => Some(T::view(record)),
            _ => None,
        }
    }
}

/// A list in place.
pub struct List<'a, T> {
    items: &'a [Value],
    element: PhantomData<fn() -> T>,
}

/// A map in place.
pub struct Entries<'a, T> {
    map: &'a Map,
    element: PhantomData<fn() -> T>,
}

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<'_, T> {}

impl<T> Clone for Entries<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Entries<'_, T> {}

impl<'a, T: Read<'a>> Read<'a> for List<'a, T> {
    fn read(value: &'a Value) -> Option<Self> {
        match value {
            Value::List(items) => Some(List { items, element: PhantomData }),
            _ => None,
        }
    }
}

impl<'a, T: Read<'a>> Read<'a> for Entries<'a, T> {
    fn read(value: &'a Value) -> Option<Self> {
        match value {
            Value::Map(map) => Some(Entries { map, element: PhantomData }),
            _ => None,
        }
    }
}

impl<'a, T: Read<'a>> List<'a, T> {
    /// Elements in order; explicit nulls of a sparse list are left out.
    pub fn iter(self) -> impl Iterator<Item = T> + 'a
    where
        T: 'a,
    {
        self.items.iter().filter_map(T::read)
    }

    /// Number of elements, explicit nulls included.
    pub fn len(self) -> usize {
        self.items.len()
    }

    /// Whether there is no element.
    pub fn is_empty(self) -> bool {
        self.items.is_empty()
    }
}

impl<'a, T: Read<'a>> Entries<'a, T> {
    /// Entries in the order they came; explicit nulls of a sparse map are left out.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, T)> + 'a
    where
        T: 'a,
    {
        self.map.iter().filter_map(|(key, value)| Some((&**key, T::read(value)?)))
    }

    /// The value of a key.
    pub fn get(self, key: &str) -> Option<T> {
        self.map.get(key).and_then(T::read)
    }

    /// Number of entries, explicit nulls included.
    pub fn len(self) -> usize {
        self.map.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(self) -> bool {
        self.map.is_empty()
    }
}

/// Marks a list of `K` in [`Put`].
pub struct ListOf<K: ?Sized>(PhantomData<K>);

/// Marks a map to `K` in [`Put`].
pub struct MapOf<K: ?Sized>(PhantomData<K>);

/// Can be put into a member of kind `K`: `str`, `i32`, `i64`, `f64`, `bool`, [`Bytes`], [`Timestamp`], [`Document`], a
/// [`Structure`], [`ListOf`] or [`MapOf`] these. An [`Option`] puts nothing when it is none.
pub trait Put<K: ?Sized> {
    /// The value for the slot.
    fn into_value(self) -> Value;
}

macro_rules! put {
    ($($kind:ty: $type:ty, $value:ident => $result:expr;)*) => {$(
        impl Put<$kind> for $type {
            #[inline]
            fn into_value(self) -> Value {
                let $value = self;
                $result
            }
        }
    )*};
}

put! {
    str: &str, text => Value::String(Text::from(text));
    str: &String, text => Value::String(Text::from(text.as_str()));
    str: String, text => Value::String(Text::from(text));
    str: Text, text => Value::String(text);
    i32: i32, number => Value::Integer(i64::from(number));
    i64: i64, number => Value::Integer(number);
    f64: f64, number => Value::Double(number);
    bool: bool, value => Value::Bool(value);
    Bytes: Bytes, bytes => Value::Blob(bytes);
    Bytes: Vec<u8>, bytes => Value::Blob(Bytes::from(bytes));
    Timestamp: Timestamp, time => Value::Timestamp(time);
    Document: Document, document => Value::Document(Box::new(document));
}

impl<T: Structure> Put<T> for T {
    fn into_value(self) -> Value {
        Value::Structure(Box::new(self.into_record()))
    }
}

impl<K: ?Sized, T: Put<K>> Put<K> for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Null, Put::into_value)
    }
}

impl<K: ?Sized, T: Put<K>> Put<ListOf<K>> for Vec<T> {
    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(Put::into_value).collect())
    }
}

impl<K: ?Sized, T: Put<K>, S: Into<Text>> Put<MapOf<K>> for Vec<(S, T)> {
    fn into_value(self) -> Value {
        Value::Map(self.into_iter().map(|(key, value)| (key.into(), value.into_value())).collect())
    }
}

impl<K: ?Sized, T: Put<K>> Put<MapOf<K>> for BTreeMap<String, T> {
    fn into_value(self) -> Value {
        Value::Map(self.into_iter().map(|(key, value)| (key.into(), value.into_value())).collect())
    }
}

/// Reads a required member. Decoding has checked that it is there, and outputs are built by us.
#[inline]
pub fn required<'a, T: Read<'a>>(record: &'a Record, ordinal: usize) -> T {
    T::read(record.get(ordinal)).expect("required members were checked when the record was decoded")
}

/// Reads an optional member.
#[inline]
pub fn optional<'a, T: Read<'a>>(record: &'a Record, ordinal: usize) -> Option<T> {
    T::read(record.get(ordinal))
}
