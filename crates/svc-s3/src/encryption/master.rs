//! The key of this world's S3. The keys of bodies are derived from it and from a salt of their own, so that an object
//! needs no key of its own to be kept.

use std::sync::OnceLock;

use virga_kit::Ctx;
use virga_store::{Fault, Reader as _};

use crate::body::DataKeys;
use crate::keys;
use crate::records::Master;
use virga_object::Error;

/// The key, once it was looked up.
#[derive(Default)]
struct Known(OnceLock<DataKeys>);

/// What the keys of objects are derived from.
pub(super) async fn data_keys(ctx: &Ctx) -> Result<DataKeys, Error> {
    let known = ctx.world().memory::<Known>();
    if let Some(keys) = known.0.get() {
        return Ok(keys.clone());
    }
    let stored = ctx.read(|txn| txn.get(&keys::master())).await?;
    let master = match stored {
        Some(master) => master,
        None => create(ctx).await?,
    };
    let keys = DataKeys::of_world(&master.0)?;
    Ok(known.0.get_or_init(|| keys).clone())
}

async fn create(ctx: &Ctx) -> Result<Master, Error> {
    let mut fresh = [0; 32];
    fresh.copy_from_slice(&ctx.secret_bytes(32)?);
    let created = ctx.transact(|txn| {
        let key = keys::master();
        if let Some(master) = txn.get(&key)? {
            return Ok::<_, Fault>(master);
        }
        let master = Master(fresh);
        txn.put(&key, &master)?;
        Ok(master)
    });
    Ok(created.await?)
}
