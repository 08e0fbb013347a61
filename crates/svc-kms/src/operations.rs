//! The operations of AWS KMS: the one list.

use crate::{
    alias, custom_key_store, data_key, encrypt, grant, import, key, key_life, last_use, mac, multi_region,
    policy, rotation, sign, tag,
};

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::kms;
    call  CreateKey => key::create_key;
    write DescribeKey => key::describe_key;
    read  ListKeys => key::list_keys;
    write EnableKey => key_life::enable_key;
    write DisableKey => key_life::disable_key;
    write UpdateKeyDescription => key_life::update_key_description;
    write ScheduleKeyDeletion => key_life::schedule_key_deletion;
    write CancelKeyDeletion => key_life::cancel_key_deletion;
    read  GetKeyLastUsage => last_use::get_key_last_usage;

    write CreateAlias => alias::create_alias;
    write UpdateAlias => alias::update_alias;
    write DeleteAlias => alias::delete_alias;
    read  ListAliases => alias::list_aliases;

    write PutKeyPolicy => policy::put_key_policy;
    read  GetKeyPolicy => policy::get_key_policy;
    read  ListKeyPolicies => policy::list_key_policies;

    write TagResource => tag::tag_resource;
    write UntagResource => tag::untag_resource;
    read  ListResourceTags => tag::list_resource_tags;

    write CreateGrant => grant::create_grant;
    read  ListGrants => grant::list_grants;
    read  ListRetirableGrants => grant::list_retirable_grants;
    write RetireGrant => grant::retire_grant;
    write RevokeGrant => grant::revoke_grant;

    write EnableKeyRotation => rotation::enable_key_rotation;
    write DisableKeyRotation => rotation::disable_key_rotation;
    read  GetKeyRotationStatus => rotation::get_key_rotation_status;
    read  ListKeyRotations => rotation::list_key_rotations;
    write RotateKeyOnDemand => rotation::rotate_key_on_demand;

    call  GetParametersForImport => import::get_parameters_for_import;
    write ImportKeyMaterial => import::import_key_material;
    write DeleteImportedKeyMaterial => import::delete_imported_key_material;

    write ReplicateKey => multi_region::replicate_key;
    write UpdatePrimaryRegion => multi_region::update_primary_region;

    write Encrypt => encrypt::encrypt;
    write Decrypt => encrypt::decrypt;
    write ReEncrypt => encrypt::re_encrypt;
    write GenerateDataKey => data_key::generate_data_key;
    write GenerateDataKeyWithoutPlaintext => data_key::generate_data_key_without_plaintext;
    call  GenerateDataKeyPair => data_key::generate_data_key_pair;
    call  GenerateDataKeyPairWithoutPlaintext => data_key::generate_data_key_pair_without_plaintext;
    read  GenerateRandom => data_key::generate_random;
    write Sign => sign::sign;
    write Verify => sign::verify;
    write GetPublicKey => sign::get_public_key;
    write DeriveSharedSecret => sign::derive_shared_secret;
    write GenerateMac => mac::generate_mac;
    write VerifyMac => mac::verify_mac;

    write CreateCustomKeyStore => custom_key_store::create_custom_key_store;
    read  DescribeCustomKeyStores => custom_key_store::describe_custom_key_stores;
    write ConnectCustomKeyStore => custom_key_store::connect_custom_key_store;
    write DisconnectCustomKeyStore => custom_key_store::disconnect_custom_key_store;
    write UpdateCustomKeyStore => custom_key_store::update_custom_key_store;
    write DeleteCustomKeyStore => custom_key_store::delete_custom_key_store;
}
