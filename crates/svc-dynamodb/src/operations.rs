//! The operations of DynamoDB: the one list.

use crate::{
    auto_scaling, backup, export, global_table, import, insights, item, limits, recovery, resource_policy,
    restore, table, tag, time_to_live,
};

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::dynamodb;
    write CreateTable => table::create_table;
    write UpdateTable => table::update_table;
    write DeleteTable => table::delete_table;
    read  DescribeTable => table::describe_table;
    read  ListTables => table::list_tables;
    write PutItem => item::put_item;
    read  GetItem => item::get_item;
    write UpdateItem => item::update_item;
    write DeleteItem => item::delete_item;
    read  Query => item::query;
    read  Scan => item::scan;
    read  BatchGetItem => item::batch_get_item;
    write BatchWriteItem => item::batch_write_item;
    write TransactWriteItems => item::transact_write_items;
    read  TransactGetItems => item::transact_get_items;
    write ExecuteStatement => item::execute_statement;
    write BatchExecuteStatement => item::batch_execute_statement;
    write ExecuteTransaction => item::execute_transaction;
    write TagResource => tag::tag_resource;
    write UntagResource => tag::untag_resource;
    read  ListTagsOfResource => tag::list_tags_of_resource;
    read  DescribeLimits => limits::describe_limits;
    read  DescribeEndpoints => limits::describe_endpoints;
    write UpdateTimeToLive => time_to_live::update_time_to_live;
    read  DescribeTimeToLive => time_to_live::describe_time_to_live;
    call  CreateBackup => backup::create_backup;
    read  DescribeBackup => backup::describe_backup;
    write DeleteBackup => backup::delete_backup;
    read  ListBackups => backup::list_backups;
    call  RestoreTableFromBackup => restore::restore_table_from_backup;
    write UpdateContinuousBackups => recovery::update_continuous_backups;
    read  DescribeContinuousBackups => recovery::describe_continuous_backups;
    call  RestoreTableToPointInTime => restore::restore_table_to_point_in_time;
    call  ExportTableToPointInTime => export::export_table_to_point_in_time;
    read  DescribeExport => export::describe_export;
    read  ListExports => export::list_exports;
    call  ImportTable => import::import_table;
    read  DescribeImport => import::describe_import;
    read  ListImports => import::list_imports;
    write CreateGlobalTable => global_table::create_global_table;
    read  DescribeGlobalTable => global_table::describe_global_table;
    write UpdateGlobalTable => global_table::update_global_table;
    read  ListGlobalTables => global_table::list_global_tables;
    read  DescribeGlobalTableSettings => global_table::describe_global_table_settings;
    write UpdateGlobalTableSettings => global_table::update_global_table_settings;
    read  DescribeTableReplicaAutoScaling => auto_scaling::describe_table_replica_auto_scaling;
    write UpdateTableReplicaAutoScaling => auto_scaling::update_table_replica_auto_scaling;
    write UpdateContributorInsights => insights::update_contributor_insights;
    read  DescribeContributorInsights => insights::describe_contributor_insights;
    read  ListContributorInsights => insights::list_contributor_insights;
    write PutResourcePolicy => resource_policy::put_resource_policy;
    read  GetResourcePolicy => resource_policy::get_resource_policy;
    write DeleteResourcePolicy => resource_policy::delete_resource_policy;
}
