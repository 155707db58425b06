//! The trait `aws.auth#sigv4`: requests without a signature, and with one that is wrong.

use crate::catalogue::section::Section;
use crate::contract::Location;
use crate::generate::Deviation;
use crate::id::Level;
use crate::protocol::Form;
use crate::requirement;
use crate::signing::Signing;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    if !section.contract.is_signed(section.operation) {
        return;
    }
    section.signature(
        "required",
        Level::Should,
        "A request that is not signed",
        "SigV4 › signed requests",
        &[("unsigned", Signing::Absent)],
    );
    section.signature(
        "key",
        Level::Must,
        "A signature with an access key id that nobody has, or with a secret key that is not its own,",
        "SigV4 › access keys",
        &[("unknown", Signing::UnknownKey), ("wrong-secret", Signing::WrongSecret)],
    );
    section.signature(
        "time",
        Level::Must,
        "A signature that is a day old",
        "SigV4 › date of a request",
        &[("expired", Signing::Expired)],
    );
    let in_query = |location: &Location| matches!(location, Location::Query(_));
    let (has_body, has_query) = (
        section.operation.body_members().next().is_some(),
        section.operation.input.iter().any(|member| in_query(&member.location)),
    );
    let changes = [
        has_body.then_some(("body-changed", Signing::TamperedBody)),
        has_query.then_some(("query-changed", Signing::TamperedQuery)),
    ];
    section.signature(
        "integrity",
        Level::Must,
        "A signature that was made for another body or query than the request has",
        "SigV4 › canonical request",
        &changes.into_iter().flatten().collect::<Vec<_>>(),
    );
    section.signature(
        "service",
        Level::Must,
        "A signature for another service",
        "SigV4 › credential scope",
        &[("other-service", Signing::OtherService)],
    );
    section.signature(
        "region",
        Level::Should,
        "A signature for another region",
        "SigV4 › credential scope",
        &[("other-region", Signing::OtherRegion)],
    );
}

impl Section<'_> {
    /// Adds a requirement on signatures, of the cases for which the contract has errors. `what` is
    /// refused.
    fn signature(&mut self, aspect: &str, level: Level, what: &str, source: &str, cases: &[(&str, Signing)]) {
        let usual = |(_, signing): &(&str, Signing)| {
            let name = self.contract.signature_errors.get(signing)?.first()?;
            let common = self.contract.common_errors.iter().find(|common| common.names().contains(name))?;
            Some(format!("{} {name}", common.statuses.first()?))
        };
        let mut errors: Vec<String> = cases.iter().filter_map(usual).collect();
        errors.dedup();
        let cases: Vec<_> = cases
            .iter()
            .filter(|case| usual(case).is_some())
            .map(|(partition, signing)| {
                let about = format!("the request is {}", signing.about());
                ((*partition).to_owned(), about, Deviation::Form(vec![Form::Signed(*signing)]))
            })
            .collect();
        if !cases.is_empty() {
            let id = requirement::signature(self.operation, aspect);
            let text = format!(
                "{what} is refused with {}, or another common error of its kind.",
                errors.join(" or ")
            );
            self.requirement(id, level, text, source.to_owned(), cases);
        }
    }
}
