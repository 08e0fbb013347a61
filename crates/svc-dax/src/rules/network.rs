//! The network that an account has without having made one: a VPC, three subnets, a security group. Their identifiers are
//! derived from the account and the region, so that they are always the same.

/// How many availability zones are used.
const ZONES: [char; 3] = ['a', 'b', 'c'];

/// The availability zones of a region.
pub(crate) fn availability_zones(region: &str) -> Vec<String> {
    ZONES.iter().map(|letter| format!("{region}{letter}")).collect()
}

/// The default VPC.
pub(crate) fn vpc(account: &str, region: &str) -> String {
    identifier("vpc", account, region)
}

/// The security group of the default VPC.
pub(crate) fn security_group(account: &str, region: &str) -> String {
    identifier("sg", account, region)
}

/// The subnets of the default VPC, one in each availability zone.
pub(crate) fn subnets(account: &str, region: &str) -> Vec<String> {
    availability_zones(region).iter().map(|zone| identifier("subnet", account, zone)).collect()
}

/// The availability zone of a subnet: that of a default one, or any, but always the same.
pub(crate) fn subnet_zone(account: &str, region: &str, subnet: &str) -> String {
    let own = subnets(account, region).iter().position(|id| id == subnet);
    let place = own.unwrap_or_else(|| subnet.bytes().map(usize::from).sum());
    format!("{region}{}", ZONES[place % ZONES.len()])
}

/// Whether the text has the form of a subnet's identifier.
pub(crate) fn is_subnet(id: &str) -> bool {
    id.strip_prefix("subnet-").is_some_and(|rest| {
        matches!(rest.len(), 8 | 17) && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn identifier(kind: &str, account: &str, place: &str) -> String {
    let text = format!("{kind}/{account}/{place}");
    // FNV-1a: it must stay the same for ever, and nothing else is asked of it.
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{kind}-0{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::{is_subnet, subnet_zone, subnets};

    #[test]
    fn the_default_subnets_are_subnets_of_all_zones() {
        let subnets = subnets("111122223333", "eu-west-1");
        assert!(subnets.iter().all(|subnet| is_subnet(subnet)), "{subnets:?}");
        let zones: Vec<_> =
            subnets.iter().map(|subnet| subnet_zone("111122223333", "eu-west-1", subnet)).collect();
        assert_eq!(zones, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
        assert!(!is_subnet("subnet-xyz") && !is_subnet("vpc-12345678"));
    }
}
