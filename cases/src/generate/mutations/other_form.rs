//! The HTTP message is written in another form than clients write it.

use proptest::prelude::*;

use crate::fixture::Naming;
use crate::generate::call_factory::Base;
use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;
use crate::protocol::MessageForm;
use crate::signing::Signing;

/// The message is written in one of these forms.
#[derive(Debug)]
pub(crate) struct OtherForm(pub(crate) Vec<MessageForm>);

impl Mutation for OtherForm {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let simplest = sampler.calls.base(0, Naming::Id);
        let bases = [simplest].into_iter().chain(sampler.calls.base_beyond_bmp());
        let of_base = |base: Base| self.0.iter().map(move |form| (base.clone(), *form));
        let any = (sampler.calls.bases(), prop::sample::select(self.0.clone()));
        // The base of the boundaries is drawn with the form.
        sampler.strategies(bases.flat_map(of_base).collect(), any, |sampler, _, (base, form)| {
            sampler.mutated(&base, |step| step.call.form = form)
        })
    }

    fn signing(&self) -> Signing {
        self.0.first().map(|form| form.signing()).unwrap_or_default()
    }

    fn needs_http1(&self) -> bool {
        self.0.iter().all(|form| matches!(form, MessageForm::Chunked | MessageForm::TitleCaseHeaders))
    }
}
