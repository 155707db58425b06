//! What a run costs whoever runs the service: the calls that have a price.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use cases::contract::{Contract, Operation, Price};
use cases::protocol::Response;
use reports::report::Charge;
use serde::{Deserialize, Serialize};

/// The prices of the day, where they are not the contract's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Prices {
    /// Of a call.
    pub call: Option<f64>,
    /// Of a payload that is delivered.
    pub received: Option<f64>,
}

impl Prices {
    /// The price of an operation, if it has one.
    pub fn of(self, operation: &Operation) -> Option<Price> {
        let price = operation.price.clone()?;
        Some(Price {
            call: self.call.unwrap_or(price.call),
            received: self.received.unwrap_or(price.received),
            ..price
        })
    }
}

/// The calls of each operation so far.
#[derive(Debug, Default)]
pub struct Bill(Mutex<BTreeMap<String, Calls>>);

/// How many calls there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// All.
    pub all: u64,
    /// Those that delivered a payload, or may.
    pub delivering: u64,
}

impl Bill {
    /// A bill on which these calls stand already.
    pub fn of(calls: BTreeMap<String, Calls>) -> Self {
        Self(Mutex::new(calls))
    }

    /// The calls so far, by their operation.
    pub fn calls(&self) -> BTreeMap<String, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes note of an answer, if the call has a price.
    pub fn note(&self, operation: &Operation, response: &Response) {
        if operation.price.is_none() {
            return;
        }
        let delivers =
            response.is_success() && operation.output_payload().is_some() && !response.body.is_empty();
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.entry(operation.name.clone()).or_default().add(delivers);
    }

    /// What the calls so far come to.
    pub fn charges(&self, contract: &Contract, prices: Prices) -> Vec<Charge> {
        charges(contract, prices, &self.calls())
    }
}

impl Calls {
    /// Counts a call.
    pub fn add(&mut self, delivers: bool) {
        self.all += 1;
        self.delivering += u64::from(delivers);
    }
}

/// What calls come to, in the order of their operations' names.
pub fn charges(contract: &Contract, prices: Prices, calls: &BTreeMap<String, Calls>) -> Vec<Charge> {
    let charge = |(name, calls): (&String, &Calls)| {
        let price = prices.of(contract.operation(name)?)?;
        Some(Charge {
            operation: name.clone(),
            calls: calls.all,
            delivered: calls.delivering,
            price_per_call: price.call,
            price_per_delivery: price.received,
            currency: price.currency,
        })
    };
    calls.iter().filter_map(charge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_calls_with_a_price_are_counted_and_only_payloads_are_delivered() {
        let contract = Contract::model().unwrap();
        let answer = |status, body: &[u8]| Response { status, headers: Vec::new(), body: body.to_vec() };
        let bill = Bill::default();
        for operation in &contract.operations {
            bill.note(operation, &answer(200, b"content"));
            bill.note(operation, &answer(200, b""));
            bill.note(operation, &answer(400, b"{}"));
        }
        let charges = bill.charges(&contract, Prices::default());
        assert_eq!(charges.len(), 1);
        assert_eq!((charges[0].calls, charges[0].delivered), (3, 1));
        assert!((charges[0].amount() - 0.000_800_6).abs() < 1e-12, "{}", charges[0].amount());
        let free = Prices { call: Some(0.0), received: Some(0.0) };
        assert!(bill.charges(&contract, free)[0].amount().abs() < f64::EPSILON);
    }
}
