//! A call of an operation before it is encoded: its arguments, some of them taken from earlier responses, and the
//! form of its HTTP message.

use super::alteration::Alteration;
use super::message_form::MessageForm;
use super::outputs::Outputs;

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Call {
    /// The operation's name.
    pub operation: String,
    /// Arguments by member name, in the order in which they are written. Absent members have none. Members that
    /// the model does not have may have one.
    pub args: Vec<(String, Arg)>,
    /// The body if it is not made of the arguments.
    pub body: Option<Vec<u8>>,
    /// The form of the message.
    pub form: MessageForm,
}

/// The value of a member in a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Arg {
    /// A string.
    Text(String),
    /// A JSON text, copied to the body without a change.
    Json(String),
    /// The bytes of a payload.
    Bytes(Vec<u8>),
    /// The items of a list outside of the body.
    List(Vec<String>),
    /// The entries of a map outside of the body.
    Pairs(Vec<(String, String)>),
    /// A query parameter without `=`.
    Bare,
    /// The value of an output member of an earlier response.
    Output(Output),
    /// Such values and texts, joined.
    Joined(Vec<Piece>),
}

/// A piece of a joined value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// A text.
    Text(&'static str),
    /// The value of an output member of an earlier response.
    Output(Output),
}

/// Names a value of an earlier response.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Output {
    /// The index of the earlier step, from 0.
    pub step: usize,
    /// The output member.
    pub member: String,
    /// How the value is altered.
    pub alter: Option<Alteration>,
}

impl Call {
    /// The argument of a member.
    pub fn arg(&self, member: &str) -> Option<&Arg> {
        self.args.iter().find(|(name, _)| name == member).map(|(_, arg)| arg)
    }

    /// Sets, replaces or (with `None`) removes an argument.
    pub fn set(&mut self, member: &str, arg: Option<Arg>) {
        let position = self.args.iter().position(|(name, _)| name == member);
        match (position, arg) {
            (Some(position), Some(arg)) => self.args[position].1 = arg,
            (Some(position), None) => drop(self.args.remove(position)),
            (None, Some(arg)) => self.args.push((member.to_owned(), arg)),
            (None, None) => {}
        }
    }

    /// The outputs that the call takes from earlier responses.
    pub fn uses(&self) -> impl Iterator<Item = &Output> {
        self.args.iter().flat_map(|(_, arg)| match arg {
            Arg::Output(output) => vec![output],
            Arg::Joined(pieces) => pieces.iter().filter_map(Piece::output).collect(),
            Arg::Text(_) | Arg::Json(_) | Arg::Bytes(_) | Arg::List(_) | Arg::Pairs(_) | Arg::Bare => {
                Vec::new()
            }
        })
    }

    /// The outputs that the call takes from earlier responses, to change them.
    pub fn uses_mut(&mut self) -> impl Iterator<Item = &mut Output> {
        self.args.iter_mut().flat_map(|(_, arg)| match arg {
            Arg::Output(output) => vec![output],
            Arg::Joined(pieces) => pieces.iter_mut().filter_map(Piece::output_mut).collect(),
            Arg::Text(_) | Arg::Json(_) | Arg::Bytes(_) | Arg::List(_) | Arg::Pairs(_) | Arg::Bare => {
                Vec::new()
            }
        })
    }

    /// Adds `steps` to the index of each step that the call takes an output from.
    pub fn shift(&mut self, steps: usize) {
        self.uses_mut().for_each(|output| output.step += steps);
    }
}

impl Piece {
    fn output(&self) -> Option<&Output> {
        match self {
            Self::Text(_) => None,
            Self::Output(output) => Some(output),
        }
    }

    fn output_mut(&mut self) -> Option<&mut Output> {
        match self {
            Self::Text(_) => None,
            Self::Output(output) => Some(output),
        }
    }
}

impl Output {
    /// The same output, altered.
    #[must_use]
    pub fn altered(&self, alter: Alteration) -> Self {
        Self { alter: Some(alter), ..self.clone() }
    }

    /// The text that replaces the value where the value must not be shown. All its characters are
    /// unreserved in a URI.
    pub fn placeholder(&self) -> String {
        let alter = self.alter.map(|alter| format!(".{}", alter.name())).unwrap_or_default();
        format!("~{}.{}{alter}~", self.step + 1, self.member)
    }

    /// The value among the outputs of the steps so far, altered if it has to be.
    pub fn resolve(&self, outputs: &[Outputs]) -> Option<String> {
        let value = outputs.get(self.step)?.get(&self.member)?;
        Some(self.alter.map_or_else(|| value.clone(), |alter| alter.apply(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_moves_every_piece_of_a_joined_value() {
        let piece = |step| Piece::Output(Output { step, member: "Token".to_owned(), alter: None });
        let pieces = vec![piece(0), Piece::Text("\0"), piece(1)];
        let mut call = Call {
            operation: String::new(),
            args: vec![("Token".to_owned(), Arg::Joined(pieces))],
            body: None,
            form: MessageForm::Standard,
        };
        call.shift(2);
        assert_eq!(call.uses().map(|output| output.step).collect::<Vec<_>>(), [2, 3]);
    }
}
