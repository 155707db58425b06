//! The endpoints of the services of AWS.

/// The suffixes of host names in a partition, by the prefix of its regions. The first that matches counts.
const PARTITIONS: [Partition; 7] = [
    Partition { prefix: "cn-", suffix: "amazonaws.com.cn", dual_stack: "api.amazonwebservices.com.cn" },
    Partition { prefix: "us-iso-", suffix: "c2s.ic.gov", dual_stack: "api.aws.ic.gov" },
    Partition { prefix: "us-isob-", suffix: "sc2s.sgov.gov", dual_stack: "api.aws.scloud" },
    Partition { prefix: "us-isof-", suffix: "csp.hci.ic.gov", dual_stack: "api.aws.hci.ic.gov" },
    Partition { prefix: "eu-isoe-", suffix: "cloud.adc-e.uk", dual_stack: "api.cloud-aws.adc-e.uk" },
    Partition { prefix: "eusc-", suffix: "amazonaws.eu", dual_stack: "api.amazonwebservices.eu" },
    Partition { prefix: "", suffix: "amazonaws.com", dual_stack: "api.aws" },
];

struct Partition {
    prefix: &'static str,
    suffix: &'static str,
    dual_stack: &'static str,
}

/// Which endpoint of a service is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EndpointKind {
    /// One whose cryptography is certified (FIPS 140).
    pub fips: bool,
    /// One that has IPv6 addresses too.
    pub dual_stack: bool,
}

/// The URL of a service in a region.
pub(crate) fn endpoint(service: &str, region: &str, kind: EndpointKind) -> String {
    let partition = PARTITIONS.iter().find(|partition| region.starts_with(partition.prefix));
    let (suffix, dual_stack) =
        partition.map_or(("amazonaws.com", "api.aws"), |partition| (partition.suffix, partition.dual_stack));
    let suffix = if kind.dual_stack { dual_stack } else { suffix };
    // In the regions of the government, the usual endpoint is certified.
    let is_certified = region.starts_with("us-gov-") && !kind.dual_stack;
    let fips = if kind.fips && !is_certified { "-fips" } else { "" };
    format!("https://{service}{fips}.{region}.{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoint_follows_region_and_kind() {
        let (usual, fips) = (EndpointKind::default(), EndpointKind { fips: true, dual_stack: false });
        let both = EndpointKind { fips: true, dual_stack: true };
        for (service, region, kind, host) in [
            ("appconfig", "eu-west-1", usual, "appconfig.eu-west-1.amazonaws.com"),
            ("appconfig", "us-east-1", fips, "appconfig-fips.us-east-1.amazonaws.com"),
            ("appconfig", "us-east-1", both, "appconfig-fips.us-east-1.api.aws"),
            ("appconfig", "cn-north-1", usual, "appconfig.cn-north-1.amazonaws.com.cn"),
            ("sts", "cn-north-1", both, "sts-fips.cn-north-1.api.amazonwebservices.com.cn"),
            ("sts", "us-gov-west-1", fips, "sts.us-gov-west-1.amazonaws.com"),
            ("appconfig", "us-gov-east-1", both, "appconfig-fips.us-gov-east-1.api.aws"),
            ("sts", "us-iso-east-1", usual, "sts.us-iso-east-1.c2s.ic.gov"),
            ("sts", "us-isob-east-1", usual, "sts.us-isob-east-1.sc2s.sgov.gov"),
        ] {
            assert_eq!(endpoint(service, region, kind), format!("https://{host}"));
        }
    }
}
