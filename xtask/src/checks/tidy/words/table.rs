//! The words and phrases that nothing of ours uses, and what to write instead.

/// What a rule bans, and where.
pub(super) struct Rule {
    /// The word in all its inflections, or a phrase. In lower case, words divided by one space.
    pub(super) forms: &'static [&'static str],
    /// What to write instead.
    pub(super) instead: &'static str,
    pub(super) place: Place,
    /// Phrases and names of several parts in which the word is right.
    pub(super) except: &'static [&'static str],
}

/// Where a word counts. Names are those that our code defines and those of files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In comments, string literals and text, and as a part of every name.
    Everywhere,
    /// In comments, string literals and text.
    Prose,
    /// As a part of names, and in prose where it is quoted or emphasized: `held` is a verdict, held is not.
    Values,
    /// As a whole name.
    WholeNames,
    /// At the start of a name.
    Starts,
    /// As the name of a module.
    Modules,
    /// As the name of a type.
    Types,
    /// At the start of the name of a constant.
    Constants,
}

impl Rule {
    const fn except(mut self, phrases: &'static [&'static str]) -> Self {
        self.except = phrases;
        self
    }
}

const fn rule(place: Place, forms: &'static [&'static str], instead: &'static str) -> Rule {
    Rule { forms, instead, place, except: &[] }
}

const fn everywhere(forms: &'static [&'static str], instead: &'static str) -> Rule {
    rule(Place::Everywhere, forms, instead)
}

const fn prose(forms: &'static [&'static str], instead: &'static str) -> Rule {
    rule(Place::Prose, forms, instead)
}

const fn whole_names(forms: &'static [&'static str], instead: &'static str) -> Rule {
    rule(Place::WholeNames, forms, instead)
}

/// The whole list: first one word for one thing, then phrases of plain English.
pub(super) const RULES: &[Rule] = &[
    // Testing a target.
    prose(
        &["judge a target", "judges a target", "judge the target", "judges the target", "judge targets"],
        "test a target",
    ),
    everywhere(&["hold to", "holds to", "held to", "holding to"], "test a target; check against; bind to"),
    prose(
        &["hold a target to", "holds a target to", "hold any endpoint to", "holds any endpoint to"],
        "test a target",
    ),
    // Verdicts.
    rule(Place::Values, &["held"], "passed (verdict); keep, contain"),
    everywhere(&["violated"], "failed"),
    everywhere(&["unstable"], "flaky").except(&["sort unstable", "unstable options", "api unstable"]),
    // Messages.
    everywhere(
        &["answer", "answers", "answered", "answering", "answerable", "unanswered"],
        "response (verb: respond, return, send)",
    ),
    everywhere(&["fault", "faults", "faulty"], "transport failure (no response); error; bug").except(&[
        "at fault",
        "fault injection",
        "injected fault",
        "injected faults",
        "inject fault",
        "inject faults",
    ]),
    whole_names(&["loss", "losses"], "transport failure"),
    // Requests and mocks.
    everywhere(
        &["deviation", "deviations"],
        "mutation (of a request), mutant (of the mock), known failure (that a user accepts)",
    )
    .except(&["standard deviation", "standard deviations"]),
    everywhere(&["twin", "twins"], "control"),
    // Findings.
    everywhere(&["ledger", "ledgers"], "known failures"),
    everywhere(&["witness", "witnesses", "witnessed"], "counterexample; occurrence (counted)"),
    everywhere(
        &[
            "look again",
            "looks again",
            "looked again",
            "looking again",
            "look at again",
            "looked at again",
            "looks at again",
            "look at it again",
            "looks at it again",
        ],
        "reproduce",
    ),
    everywhere(
        &["make small", "makes small", "made small", "make smaller", "makes smaller", "made smaller"],
        "shrink",
    ),
    prose(&["make it small", "makes it small", "make it smaller", "makes it smaller"], "shrink"),
    everywhere(&["settle", "settles", "settled", "settling"], "reproduce; decide").except(&["all settled"]),
    // Limits and repetition.
    everywhere(&["insist", "insists", "insisted", "insisting"], "retry"),
    everywhere(&["resend", "resends", "resending", "resent"], "retry"),
    everywhere(&["patient", "patiently", "patience"], "retry; throttling"),
    everywhere(&["polite", "politely", "politeness", "impolite"], "rate limit"),
    everywhere(&["pace", "paces", "paced"], "poll interval; rate"),
    everywhere(&["wave", "waves"], "batch"),
    // Parts of a run.
    whole_names(&["lack", "lacks", "lacking"], "prerequisite; missing"),
    rule(Place::Types, &["means"], "prerequisite; capability"),
    everywhere(&["journal", "journals"], "checkpoint"),
    rule(Place::Types, &["past", "mark"], "checkpoint; tag (of a resource)"),
    rule(Place::Modules, &["secret"], "redact"),
    rule(Place::Starts, &["hide"], "redact").except(&["hide cursor"]),
    everywhere(&["crew", "crews"], "worker pool"),
    everywhere(&["census", "censuses"], "token registry"),
    whole_names(&["wish", "wishes"], "configuration"),
    whole_names(&["wanted"], "plan; expected"),
    whole_names(&["prepared"], "setup"),
    // Limits, named after what they limit.
    rule(Place::Constants, &["most", "longest", "largest", "greatest"], "MAX_…"),
    rule(Place::Constants, &["least", "fewest", "shortest", "smallest"], "MIN_…"),
    rule(Place::Constants, &["twice", "thrice"], "a name of what it counts"),
    // Plain English.
    everywhere(&["anew"], "again; from scratch"),
    everywhere(&["beside"], "next to; besides"),
    everywhere(&["mend", "mends", "mended", "mending"], "fix"),
    prose(&["for want of"], "for lack of; because … is missing"),
    prose(
        &[
            "stands for",
            "stands in",
            "stands at",
            "stands there",
            "stands before",
            "stands behind",
            "stand for",
            "stand in",
            "stand at",
            "standing for",
            "stood for",
        ],
        "is",
    ),
    prose(&["speak of", "speaks of", "spoke of", "spoken of", "speaking of"], "mentions; specifies"),
    prose(&["goes on", "go on", "went on"], "continues").except(&[
        "goes on the wire",
        "go on the wire",
        "goes on top",
        "go on top",
    ]),
    prose(
        &["for who", "by who", "to who", "with who", "from who", "than who", "let who"],
        "for people who …; for users who …",
    )
    .except(&["as to who"]),
    prose(&["may be accused"], "is reported as a failure"),
    prose(&["it is told", "is told of", "are told of"], "is reported"),
    prose(&["of which"], "a sentence of its own, or `whose`").except(&[
        "all of which",
        "any of which",
        "both of which",
        "each of which",
        "either of which",
        "half of which",
        "many of which",
        "most of which",
        "neither of which",
        "none of which",
        "one of which",
        "part of which",
        "some of which",
        "three of which",
        "two of which",
        "of which at least",
        "of which at most",
    ]),
];
