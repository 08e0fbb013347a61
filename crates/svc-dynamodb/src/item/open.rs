//! The table of a call on items.

use std::collections::HashMap;
use std::sync::Arc;

use virga_kit::Ctx;
use virga_store::{Fault, Key, Reader, Write};

use super::key::ItemKey;
use crate::error::Error;
use crate::records::{Index, IndexState, StoredItem, Table};
use crate::rules::TableAddress;
use crate::sealing::{self, Cipher};
use crate::{keys, table_key};

/// A table that is open for items.
#[derive(Clone, Copy)]
pub(crate) struct Open<'a> {
    pub(crate) at: TableAddress<'a>,
    pub(crate) table: &'a Table,
    /// What its items are sealed with in the store; none when they are not.
    pub(crate) cipher: Option<&'a Cipher>,
}

/// A table that was looked up, with the name by which the caller knows it.
pub(crate) struct Opened<'a> {
    /// As the caller has written it: a name or an ARN.
    pub(crate) name: &'a str,
    pub(crate) at: TableAddress<'a>,
    pub(crate) table: Arc<Table>,
    cipher: Option<Arc<Cipher>>,
}

impl<'a> Opened<'a> {
    /// Looks a table up, in the words of operations on items.
    pub(crate) fn find(ctx: &'a Ctx, txn: &impl Reader, name: &'a str) -> Result<Self, Error> {
        let at = TableAddress::parse(ctx, name)?;
        let table = txn.recall(&keys::table(at))?.ok_or_else(not_found)?;
        let cipher = table_key::open(ctx, at, table.id)?;
        Ok(Opened { name, at, table, cipher })
    }

    pub(crate) fn open(&self) -> Open<'_> {
        Open { at: self.at, table: &self.table, cipher: self.cipher.as_deref() }
    }
}

impl<'a> Open<'a> {
    /// The item under a key.
    pub(crate) fn item(self, txn: &impl Reader, key: &ItemKey) -> Result<Option<StoredItem>, Fault> {
        txn.get(&keys::item(self.table.id, key))?.map(|stored| self.opened(stored)).transpose()
    }

    /// An item or an entry that was read from the store, in the clear.
    pub(crate) fn opened(self, stored: StoredItem) -> Result<StoredItem, Fault> {
        sealing::opened(stored, self.cipher)
    }

    /// Puts an item or an entry into the store.
    pub(crate) fn put(
        self,
        txn: &mut Write,
        place: &Key<StoredItem>,
        stored: &StoredItem,
    ) -> Result<(), Fault> {
        txn.put(place, sealing::sealed(stored, self.cipher)?.as_ref())
    }

    /// The index of a query or a scan.
    pub(crate) fn index(self, name: &str) -> Result<&'a Index, Error> {
        let index = self.table.indexes.iter().find(|index| index.name == name);
        let index = index.ok_or_else(|| {
            Error::validation(format!("The table does not have the specified index: {name}"))
        })?;
        match index.state {
            IndexState::Active => Ok(index),
            IndexState::Creating => {
                Err(Error::validation(format!("Cannot read from backfilling global secondary index: {name}")))
            }
            IndexState::Deleting => {
                Err(Error::validation(format!("The table does not have the specified index: {name}")))
            }
        }
    }
}

/// The tables of a batch or a transaction, each looked up once.
#[derive(Default)]
pub(crate) struct Tables<'a>(HashMap<&'a str, Opened<'a>>);

impl<'a> Tables<'a> {
    pub(crate) fn open(
        &mut self,
        ctx: &'a Ctx,
        txn: &impl Reader,
        name: &'a str,
    ) -> Result<&Opened<'a>, Error> {
        if !self.0.contains_key(name) {
            self.0.insert(name, Opened::find(ctx, txn, name)?);
        }
        self.get(name)
    }

    pub(crate) fn get(&self, name: &str) -> Result<&Opened<'a>, Error> {
        self.0.get(name).ok_or_else(not_found)
    }
}

fn not_found() -> Error {
    Error::ResourceNotFound { reason: "Requested resource not found".to_owned() }
}
