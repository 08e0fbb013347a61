//! Which changes of a table go into one call: mostly one.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>

use virga_api::dynamodb as api;
use virga_model::view::List;

use crate::error::Error;

/// Refuses changes that AWS does not make in one call.
pub(crate) fn check_one_change(input: &api::UpdateTableInput) -> Result<(), Error> {
    let updates = || input.global_secondary_index_updates().into_iter().flat_map(List::iter);
    let changes_indexes = updates().any(|update| update.create().is_some() || update.delete().is_some());
    let is_provisioned = input.billing_mode() == Some(api::billing_mode::PROVISIONED);
    let units = input.provisioned_throughput().is_some();
    let (encryption, class, protection, warm, on_demand, stream) = (
        input.sse_specification().is_some(),
        input.table_class().is_some(),
        input.deletion_protection_enabled().is_some(),
        input.warm_throughput().is_some(),
        input.on_demand_throughput().is_some(),
        input.stream_specification().is_some(),
    );
    let billing = input.billing_mode().is_some();
    let all = [
        encryption,
        class,
        protection,
        warm,
        on_demand,
        stream,
        billing,
        units,
        updates().next().is_some(),
        input.replica_updates().is_some(),
    ];
    let is_alone = all.into_iter().filter(|change| *change).count() <= 1;
    if is_alone {
        return Ok(());
    }
    let alone = [
        (encryption, "Server-Side Encryption modification"),
        (class, "TableClass modification"),
        (protection, "DeletionProtection modification"),
        (warm, "WarmThroughput"),
    ];
    if let Some((_, what)) = alone.into_iter().find(|(is_asked, _)| *is_asked) {
        let reason = format!("{what} must be the only operation in the request");
        return Err(Error::invalid_values(reason));
    }
    let is_with_billing_alone = all.into_iter().filter(|change| *change).count() == 2 && billing;
    let refused = [
        (
            on_demand && !is_with_billing_alone,
            "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request",
        ),
        (stream && (units || is_provisioned), "You cannot modify stream status while updating table IOPS"),
        (changes_indexes && units, "You cannot create or delete index while updating table IOPS"),
        (changes_indexes && stream, "You cannot create or delete index while changing stream status"),
    ];
    match refused.into_iter().find(|(is_refused, _)| *is_refused) {
        Some((_, reason)) => Err(Error::invalid_values(reason)),
        None => Ok(()),
    }
}
