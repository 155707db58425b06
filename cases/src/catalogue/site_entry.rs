//! A requirement on a place within the input, with the values that test it.

use super::partition::{Entry, Partition};
use super::site::Site;
use crate::generate::SiteValue;
use crate::id::Level;
use crate::protocol::Value;

/// The values that test one aspect of a place.
pub(super) struct SiteEntry {
    /// The last part of the requirement's id.
    pub(super) aspect: &'static str,
    /// The end of a sentence that begins with the place, such as `is required`.
    pub(super) demand: String,
    /// The trait or the part of the protocol.
    pub(super) source: String,
    /// Whether it says what is allowed, so that nothing is refused.
    pub(super) permits: bool,
    /// The partitions; those whose values cannot be made are left out.
    pub(super) partitions: Vec<SitePartition>,
}

/// Values at a place that are equivalent.
pub(super) struct SitePartition {
    /// Its name within the requirement.
    pub(super) id: &'static str,
    /// What the values have in common, after the name of the place.
    pub(super) description: String,
    /// The values.
    pub(super) values: Vec<Value>,
}

impl SiteEntry {
    /// An entry without partitions, from a trait of the member.
    pub(super) fn of_trait(site: &Site<'_>, aspect: &'static str, name: &str, demand: String) -> Self {
        Self {
            aspect,
            demand,
            source: format!("{} › {name}", site.member.source),
            permits: false,
            partitions: Vec::new(),
        }
    }

    /// Adds values.
    pub(super) fn add(
        &mut self,
        id: &'static str,
        description: impl Into<String>,
        values: impl IntoIterator<Item = Value>,
    ) {
        let values = values.into_iter().collect();
        self.partitions.push(SitePartition { id, description: description.into(), values });
    }

    /// The entry of the catalogue; none if nothing can test it.
    pub(super) fn entry(self, site: &Site<'_>, refusal: &str) -> Option<Entry> {
        let control = site.argument(site.least()?)?;
        let partition = |partition: SitePartition| {
            let SitePartition { id, description, values } = partition;
            let values: Vec<_> = values.into_iter().filter_map(|value| site.argument(value)).collect();
            let description = format!("{} {description}", site.display());
            let mutation = SiteValue { member: site.top.name.clone(), control: control.clone(), values };
            (!mutation.values.is_empty()).then(|| Partition::new(id, description, mutation))
        };
        let partitions: Vec<_> = self.partitions.into_iter().filter_map(partition).collect();
        let end = if self.permits {
            String::new()
        } else {
            format!(": any other request is refused with {refusal}")
        };
        (!partitions.is_empty()).then(|| Entry {
            id: site.requirement(self.aspect),
            level: Level::Must,
            text: format!("{} {}{end}.", site.display(), self.demand),
            source: self.source,
            partitions,
        })
    }
}
