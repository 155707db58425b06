//! The bugs in how inputs are read and validated.

use cases::contract::{Contract, Location, Member, MessageKind, Operation, Shape};

use super::definition::Mutant;
use super::site::{Site, sites};
use crate::bug::{Aspect, Kind, Segment};

/// The mutants of an operation's input.
pub(super) fn mutants(contract: &Contract, operation: &Operation) -> Vec<Mutant> {
    let sites = sites(contract, operation, &MessageKind::Input);
    let mut mutants: Vec<Mutant> = Vec::new();
    for site in &sites {
        let place = At { contract, operation, site };
        for (aspect, kind) in place.kinds() {
            mutants.push(Mutant::of_input(&operation.name, site.path.clone(), aspect, kind));
        }
    }
    mutants.extend(nested(operation, &mutants, &sites));
    mutants
}

/// The mutant that enforces nothing below the top level, if there is something to enforce.
fn nested(operation: &Operation, mutants: &[Mutant], sites: &[Site<'_>]) -> Option<Mutant> {
    let is_nested = |mutant: &&Mutant| {
        mutant.bug().path.len() > 1
            && mutant.bug().kind == Kind::NotEnforced
            && mutant.bug().aspect != Aspect::Null
    };
    let ids: Vec<String> =
        mutants.iter().filter(is_nested).flat_map(|mutant| mutant.must_fail().to_vec()).collect();
    (!ids.is_empty() && !sites.is_empty()).then(|| Mutant::of_nested(&operation.name, ids))
}

/// A place of an operation's input.
struct At<'a> {
    contract: &'a Contract,
    operation: &'a Operation,
    site: &'a Site<'a>,
}

impl At<'_> {
    /// The bugs that this place can have.
    fn kinds(&self) -> Vec<(Aspect, Kind)> {
        let aspects = [
            (Aspect::Required, self.required()),
            (Aspect::Type, self.wrong_type()),
            (Aspect::Length, self.length()),
            (Aspect::Range, self.range()),
            (Aspect::Pattern, self.constraint(self.member().constraints.pattern.is_some())),
            (Aspect::Enum, self.one_of()),
            (Aspect::UniqueItems, self.constraint(self.member().constraints.unique_items && self.is_list())),
            (Aspect::Null, self.null()),
            (Aspect::Cardinality, self.cardinality()),
        ];
        let each = aspects.into_iter().map(|(aspect, kinds)| {
            let errors = if kinds.is_empty() { Vec::new() } else { self.errors() };
            kinds.into_iter().chain(errors).map(move |kind| (aspect, kind))
        });
        each.flatten().collect()
    }

    fn member(&self) -> &Member {
        self.site.member
    }

    fn is_list(&self) -> bool {
        matches!(self.contract.shape(self.member()), Shape::List(_))
    }

    /// The location of the input member that the place is in.
    fn location(&self) -> Option<&Location> {
        let Some(Segment::Member(top)) = self.site.path.first() else { return None };
        self.operation.input.iter().find(|member| member.name == *top).map(|member| &member.location)
    }

    fn is_json(&self) -> bool {
        match self.location() {
            Some(Location::Body) => true,
            Some(Location::Payload) => self.site.path.len() > 1,
            _ => false,
        }
    }

    /// The bugs of an error that any refusal can have.
    fn errors(&self) -> Vec<Kind> {
        let status = self
            .contract
            .error(self.contract.constraint_error.error.name())
            .map_or(400, |error| error.status);
        let has_other = self.operation.errors.iter().any(|error| error.status != status);
        let other = has_other.then_some(Kind::OtherError);
        other.into_iter().chain([Kind::Status404, Kind::Status500]).collect()
    }

    /// The bugs of any constraint, if there is one.
    fn constraint(&self, exists: bool) -> Vec<Kind> {
        let first_only = self.site.path.contains(&Segment::Element).then_some(Kind::FirstElementOnly);
        if exists { [Kind::NotEnforced].into_iter().chain(first_only).collect() } else { Vec::new() }
    }

    fn required(&self) -> Vec<Kind> {
        let is_member = matches!(self.site.path.last(), Some(Segment::Member(_)));
        let member = self.member();
        let can_be_missing =
            !matches!(member.location, Location::Label | Location::Payload) || self.site.path.len() > 1;
        self.constraint(is_member && member.constraints.required && !member.has_default && can_be_missing)
    }

    fn length(&self) -> Vec<Kind> {
        let constraints = &self.member().constraints;
        let shape = self.contract.shape(self.member());
        let counts = matches!(shape, Shape::String | Shape::Blob | Shape::List(_) | Shape::Map(_));
        let Some(length) = constraints.length.filter(|_| counts) else { return Vec::new() };
        let is_free =
            matches!(shape, Shape::String) && constraints.pattern.is_none() && constraints.one_of.is_none();
        let mut kinds = self.constraint(true);
        kinds.extend((length.min > 0).then_some(Kind::MinOffByOne));
        kinds.extend(length.max.map(|_| Kind::MaxOffByOne));
        kinds.extend((is_free && length.max.is_some()).then_some(Kind::CountsBytes));
        kinds
    }

    fn range(&self) -> Vec<Kind> {
        let constraints = &self.member().constraints;
        let whole = constraints.range.map(|range| (range.min.is_some(), range.max.is_some()));
        let decimal = constraints.decimal_range.map(|range| (range.min.is_some(), range.max.is_some()));
        let Some((has_min, has_max)) = whole.or(decimal) else { return Vec::new() };
        let mut kinds = self.constraint(true);
        kinds.extend(has_min.then_some(Kind::MinOffByOne));
        kinds.extend(has_max.then_some(Kind::MaxOffByOne));
        kinds
    }

    fn one_of(&self) -> Vec<Kind> {
        let constraints = &self.member().constraints;
        let values = constraints.one_of.as_ref();
        let mut kinds = self.constraint(values.is_some() || constraints.one_of_integers.is_some());
        let has_letters = |values: &Vec<String>| {
            values.iter().any(|value| value.contains(|c: char| c.is_ascii_alphabetic()))
        };
        kinds.extend(values.filter(|values| has_letters(values)).map(|_| Kind::LetterCase));
        kinds
    }

    /// A value of another type is converted where its text is one of the type.
    fn wrong_type(&self) -> Vec<Kind> {
        if !self.is_json() || self.site.path.last() == Some(&Segment::Key) {
            return Vec::new();
        }
        let converts = matches!(
            self.contract.shape(self.member()),
            Shape::String | Shape::Integer(_) | Shape::Number | Shape::Boolean
        );
        let is_member = matches!(self.site.path.last(), Some(Segment::Member(_)));
        let is_document = matches!(self.contract.shape(self.member()), Shape::Document);
        let ignored = is_member && !is_document && !self.member().constraints.required;
        // No enum has what a number or a list becomes.
        let converts = converts && self.member().constraints.one_of.is_none();
        converts.then_some(Kind::Converted).into_iter().chain(ignored.then_some(Kind::Ignored)).collect()
    }

    fn null(&self) -> Vec<Kind> {
        if self.site.is_dense && self.is_json() { vec![Kind::NotEnforced] } else { Vec::new() }
    }

    fn cardinality(&self) -> Vec<Kind> {
        let is_union = matches!(self.contract.shape(self.member()), Shape::Union(_));
        if is_union { vec![Kind::NoneAccepted, Kind::TwoAccepted] } else { Vec::new() }
    }
}
