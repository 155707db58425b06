//! Which token of a session is the newest, in bounded memory.

use std::collections::VecDeque;
use std::num::NonZeroUsize;

/// The sequence number of the newest token of each remembered session.
///
/// Sessions are numbered in the order in which they start, so the table is a window over these numbers and
/// takes eight bytes per session. When it is full, the oldest session is forgotten.
pub(crate) struct Sessions {
    first: u64,
    newest: VecDeque<u64>,
    limit: NonZeroUsize,
}

impl Sessions {
    /// An empty table for at most `limit` sessions.
    pub(crate) fn new(limit: NonZeroUsize) -> Self {
        Self { first: 0, newest: VecDeque::new(), limit }
    }

    /// Starts a session and returns its number.
    pub(crate) fn start(&mut self) -> u64 {
        if self.newest.len() == self.limit.get() {
            self.newest.pop_front();
            self.first += 1;
        }
        self.newest.push_back(0);
        self.first + self.newest.len() as u64 - 1
    }

    /// The newest sequence number of `session`; `None` if it is forgotten or never started.
    pub(crate) fn newest(&mut self, session: u64) -> Option<&mut u64> {
        let index = session.checked_sub(self.first)?;
        self.newest.get_mut(usize::try_from(index).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_session_is_forgotten_first() {
        let mut sessions = Sessions::new(NonZeroUsize::new(2).unwrap());
        let numbers = [sessions.start(), sessions.start()];
        *sessions.newest(numbers[1]).unwrap() = 7;
        assert!(sessions.newest(numbers[0]).is_some());

        let third = sessions.start();
        assert_eq!(sessions.newest(numbers[0]), None);
        assert_eq!(sessions.newest(numbers[1]), Some(&mut 7));
        assert_eq!(sessions.newest(third), Some(&mut 0));
        assert_eq!(sessions.newest(third + 1), None);
        assert_eq!(sessions.newest.len(), 2);
    }
}
