//! The floors of the house: a package may need only packages from floors below its own.

use super::{
    finding::Finding,
    tree::{Package, Tree},
};

const RULE: &str = "layers";

/// The shared floors, lowest first.
const SHARED_FLOORS: [&str; 18] = [
    "store",
    "listing",
    "model-compiler",
    "model",
    "item",
    "api",
    "wire",
    "federation",
    "select",
    "iceberg",
    "iam",
    "kit",
    "object",
    "bucket",
    "body",
    "batch",
    "warehouse",
    "gateway",
];

/// Where a package lives.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Floor {
    /// A shared floor, by its place in [`SHARED_FLOORS`].
    Shared(usize),
    /// `svc-*`: they never know each other.
    Service,
    /// `plane-*`: the same, but what comes to their sockets comes through the gateway.
    Plane,
    Console,
    Binary,
    /// `xtask` stands beside the house: it may look at any floor, and nobody looks at it.
    Outside,
}

/// Checks every arrow between two packages of the workspace.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let is_ours = |name: &str| tree.packages.iter().any(|package| package.name == name);
    let mut findings = Vec::new();
    for package in &tree.packages {
        let Some(floor) = floor_of(&package.name) else {
            findings
                .push(finding(package, "give this package a floor in xtask/src/tidy/layers.rs".to_owned()));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| is_ours(&dependency.name)) {
            let target = floor_of(&dependency.name);
            if !target.is_some_and(|target| may_need(floor, target, dependency.for_tests)) {
                let advice =
                    format!("{} may not need {}: it is not on a floor below", package.name, dependency.name);
                findings.push(finding(package, advice));
            }
        }
    }
    findings
}

fn may_need(from: Floor, to: Floor, for_tests: bool) -> bool {
    let gateway = Floor::Shared(SHARED_FLOORS.len() - 1);
    match (from, to) {
        (_, Floor::Binary | Floor::Outside) => false,
        (Floor::Outside, _) => true,
        (_, Floor::Shared(_)) if for_tests => true,
        // A service is called through the kit's tables; it does not know who listens.
        (Floor::Service, to) if to == gateway => false,
        // A plane is tested in front of the services that it calls, and knows none of them otherwise.
        (Floor::Plane, Floor::Service) => for_tests,
        (from, to) => to < from,
    }
}

fn floor_of(name: &str) -> Option<Floor> {
    match name {
        "virga" => return Some(Floor::Binary),
        "xtask" => return Some(Floor::Outside),
        "virga-console" => return Some(Floor::Console),
        _ => {}
    }
    let folder = name.strip_prefix("virga-")?;
    if folder.starts_with("plane-") {
        return Some(Floor::Plane);
    }
    if folder.starts_with("svc-") {
        return Some(Floor::Service);
    }
    SHARED_FLOORS.iter().position(|floor| *floor == folder).map(Floor::Shared)
}

fn finding(package: &Package, advice: String) -> Finding {
    Finding::new(&package.manifest, 1, RULE, advice)
}

#[cfg(test)]
mod tests {
    use super::{super::tree::Dependency, *};

    fn findings(from: &str, to: &str, for_tests: bool) -> usize {
        let package = |name: &str, dependencies| Package {
            name: name.to_owned(),
            manifest: format!("{name}/Cargo.toml"),
            dependencies,
        };
        let arrow = vec![Dependency { name: to.to_owned(), for_tests }];
        let packages = vec![package(from, arrow), package(to, Vec::new())];
        check(&Tree { files: Vec::new(), packages }).len()
    }

    #[test]
    fn arrows_point_down() {
        let cases = [
            ("virga-svc-sqs", "virga-kit", false, 0),
            ("virga-kit", "virga-store", false, 0),
            ("virga", "virga-svc-sqs", false, 0),
            ("xtask", "virga-iam", false, 0),
            ("virga-svc-sqs", "virga-gateway", true, 0),
            ("virga-store", "virga-kit", false, 1),
            ("virga-plane-dax", "virga-svc-dynamodb", true, 0),
            ("virga-plane-dax", "virga-svc-dynamodb", false, 1),
            ("virga-svc-sqs", "virga-svc-sns", false, 1),
            ("virga-svc-sqs", "virga-svc-sns", true, 1),
            ("virga-svc-sqs", "virga-gateway", false, 1),
            ("virga-plane-dns", "virga-svc-route53", false, 1),
            ("xtask", "virga", false, 1),
            ("virga", "xtask", true, 1),
        ];
        for (from, to, for_tests, expected) in cases {
            assert_eq!(findings(from, to, for_tests), expected, "{from} -> {to}");
        }
    }

    #[test]
    fn a_package_without_a_floor_is_a_finding() {
        assert_eq!(findings("virga-attic", "serde", false), 2);
    }
}
