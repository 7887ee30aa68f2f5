//! Options: what a network has of them goes out, and what it lacks is said, never widened in
//! silence.

use domain::content::{Options, Poll, Quote, Replies, Visibility};
use domain::limits::{CountUnit, PollLimits, Severity};

use super::{Work, args, push_new};
use crate::text;

impl Work<'_> {
    /// What goes out of the chosen options. Its issues stand at the first segment.
    pub(super) fn options(&mut self) -> Options {
        self.index = 0;
        let asked = &self.input.variant.options;
        let has = self.grammar.choices;
        let labels = self.labels();
        let content_warning = self.content_warning();
        let hides = !labels.is_empty() || !content_warning.is_empty();
        if asked.sensitive && !has.sensitive && !hides && self.has_pictures() {
            self.issue("sensitive_unsupported", Severity::Warning);
        }
        let keeps_quotes_off = has.quotes_off && self.input.limits.quotes_off != Some(false);
        if asked.quotes_off && !keeps_quotes_off {
            self.issue("quotes_unsupported", Severity::Warning);
        }
        Options {
            // A card that is left out shows in the segments.
            no_card: false,
            visibility: self.visibility(),
            content_warning,
            sensitive: asked.sensitive && has.sensitive,
            replies: self.replies(),
            quotes_off: asked.quotes_off && keeps_quotes_off,
            poll: self.poll(),
            made_with_ai: asked.made_with_ai && has.made_with_ai,
            labels,
            quote: self.quote(),
        }
    }

    /// The quoted post as it was found. Without it the text would mean something else.
    fn quote(&mut self) -> Option<Quote> {
        let asked = self.input.variant.options.quote.as_ref()?;
        let address = asked.address.trim();
        if address.is_empty() {
            return None;
        }
        if !self.grammar.choices.quote {
            self.issue("quote_unsupported", Severity::Error);
            return None;
        }
        match self.input.quotes.get(address) {
            Some(Some(quote)) => return Some(quote.clone()),
            Some(None) => {
                self.issue("quote_unknown", Severity::Error).args =
                    args([("url", address.to_owned())]);
            }
            None => {
                push_new(&mut self.missing.quotes, address.to_owned());
                // For the preview: nothing goes out while something is missing.
                return Some(Quote {
                    address: address.to_owned(),
                    ..Quote::default()
                });
            }
        }
        None
    }

    fn has_pictures(&self) -> bool {
        let mut segments = self.input.variant.segments.iter();
        segments.any(|segment| !segment.media.is_empty())
    }

    fn visibility(&mut self) -> Option<Visibility> {
        let asked = self.input.variant.options.visibility?;
        let has = self.grammar.choices.visibility;
        if has.contains(&asked) {
            return Some(asked);
        }
        // Where there is no choice, every post is public.
        if asked != Visibility::Public || !has.is_empty() {
            let with = args([("visibility", name(&asked))]);
            self.issue("visibility_unsupported", Severity::Error).args = with;
        }
        None
    }

    fn replies(&mut self) -> Option<Replies> {
        let asked = self.input.variant.options.replies?;
        let has = self.grammar.choices.replies;
        if has.contains(&asked) {
            return Some(asked);
        }
        // Where there is no choice, everybody may reply.
        if asked != Replies::Everyone || !has.is_empty() {
            let with = args([("replies", name(&asked))]);
            self.issue("replies_unsupported", Severity::Warning).args = with;
        }
        None
    }

    fn content_warning(&mut self) -> String {
        let asked = self.input.variant.options.content_warning.trim();
        if asked.contains('\0') {
            self.issue("character_not_allowed", Severity::Error);
        }
        if self.grammar.choices.content_warning {
            return asked.to_owned();
        }
        if !asked.is_empty() {
            self.issue("content_warning_unsupported", Severity::Warning);
        }
        String::new()
    }

    fn labels(&mut self) -> Vec<String> {
        let asked = &self.input.variant.options;
        let has = self.grammar.choices;
        // A network without labels can hide the post in its own way.
        let hidden = asked.sensitive && has.sensitive
            || !asked.content_warning.trim().is_empty() && has.content_warning;
        let mut labels = Vec::new();
        for label in &asked.labels {
            if has.labels.contains(&label.as_str()) {
                push_new(&mut labels, label.clone());
            } else if !hidden {
                self.issue("label_unsupported", Severity::Warning).args =
                    args([("label", label.clone())]);
            }
        }
        labels
    }

    fn poll(&mut self) -> Option<Poll> {
        let asked = self.input.variant.options.poll.as_ref()?;
        let Some(limits) = &self.input.limits.poll else {
            self.issue("poll_unsupported", Severity::Error);
            return None;
        };
        let first = self.input.variant.segments.first();
        if !limits.with_pictures && first.is_some_and(|segment| !segment.media.is_empty()) {
            self.issue("poll_with_pictures", Severity::Error);
        }
        if asked.multiple && !limits.multiple {
            self.issue("poll_multiple_unsupported", Severity::Error);
        }
        if asked.hide_totals && !limits.hide_totals {
            self.issue("poll_totals_shown", Severity::Warning);
        }
        self.check_time(asked, limits);
        Some(Poll {
            choices: self.check_choices(asked, limits),
            minutes: asked.minutes,
            multiple: asked.multiple && limits.multiple,
            hide_totals: asked.hide_totals && limits.hide_totals,
        })
    }

    fn check_time(&mut self, poll: &Poll, limits: &PollLimits) {
        let (code, limit) = if poll.minutes < limits.min_minutes {
            ("poll_too_short", limits.min_minutes)
        } else if poll.minutes > limits.max_minutes {
            ("poll_too_long", limits.max_minutes)
        } else {
            return;
        };
        self.issue(code, Severity::Error).args = args([
            ("minutes", poll.minutes.to_string()),
            ("limit", limit.to_string()),
        ]);
    }

    fn check_choices(&mut self, poll: &Poll, limits: &PollLimits) -> Vec<String> {
        let choices: Vec<String> = poll.choices.iter().map(|c| c.trim().to_owned()).collect();
        let count = text::saturate(choices.len());
        let wrong = if count < limits.min_choices {
            Some(("poll_too_few_choices", limits.min_choices))
        } else if count > limits.max_choices {
            Some(("poll_too_many_choices", limits.max_choices))
        } else {
            None
        };
        if let Some((code, limit)) = wrong {
            self.issue(code, Severity::Error).args =
                args([("length", count.to_string()), ("limit", limit.to_string())]);
        }
        for (index, choice) in choices.iter().enumerate() {
            let length = self.choice_length(choice);
            let code = if choice.is_empty() {
                "poll_choice_empty"
            } else if choice.contains('\0') {
                "character_not_allowed"
            } else if choices[..index].contains(choice) {
                "poll_choice_twice"
            } else if length > limits.max_choice_length {
                "poll_choice_too_long"
            } else {
                continue;
            };
            let issue = self.issue(code, Severity::Error);
            issue.choice = Some(text::saturate(index));
            issue.args = args([
                ("length", length.to_string()),
                ("limit", limits.max_choice_length.to_string()),
            ]);
        }
        choices
    }

    fn choice_length(&self, choice: &str) -> u32 {
        match self.input.limits.text.unit {
            CountUnit::Graphemes => text::graphemes(choice),
            CountUnit::Characters | CountUnit::Weighted | CountUnit::Bytes => {
                text::characters(choice)
            }
        }
    }
}

/// As it is stored: what the catalog's words are found by.
fn name(choice: &impl serde::Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
