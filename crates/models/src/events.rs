//! Server-sent events (the HTML standard, 9.2), as far as models use them.

/// The longest line and the longest event that is kept: a service that sends longer ones is none of ours.
const MAX_LINE: usize = 1 << 20;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its name; may be empty.
    pub(crate) name: String,
    pub(crate) data: String,
}

/// Takes bytes as they come, and gives whole events.
#[derive(Debug, Default)]
pub(crate) struct Events {
    line: Vec<u8>,
    event: Event,
    has_data: bool,
    after_return: bool,
}

impl Events {
    /// What is whole now.
    ///
    /// # Errors
    /// When a line or an event does not end.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Event>, &'static str> {
        let mut whole = Vec::new();
        for byte in bytes {
            match byte {
                b'\n' if self.after_return => self.after_return = false,
                b'\n' | b'\r' => {
                    self.after_return = *byte == b'\r';
                    whole.extend(self.end_line());
                    if self.event.data.len() > MAX_LINE {
                        return Err("an event does not end");
                    }
                }
                _ => {
                    self.after_return = false;
                    self.line.push(*byte);
                    if self.line.len() > MAX_LINE {
                        return Err("a line does not end");
                    }
                }
            }
        }
        Ok(whole)
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return std::mem::take(&mut self.has_data).then_some(event);
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            "event" => value.clone_into(&mut self.event.name),
            // A comment, or a field that means nothing here.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str, cuts: usize) -> Vec<Event> {
        let mut events = Events::default();
        let size = (text.len() / (cuts + 1)).max(1);
        let pieces = text.as_bytes().chunks(size);
        pieces
            .flat_map(|piece| events.take(piece).unwrap())
            .collect()
    }

    const TEXT: &str = ": hello\r\nevent: one\r\ndata: a ä 🏔\r\ndata:b\r\n\r\n\ndata: [DONE]\n\nid: 4\n\ndata: open";

    #[test]
    fn events_are_whole_at_an_empty_line_and_comments_are_none() {
        let found = all(TEXT, 0);
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].name.as_str(), found[0].data.as_str()),
            ("one", "a ä 🏔\nb")
        );
        assert_eq!(found[1].data, "[DONE]");
    }

    #[test]
    fn a_line_that_does_not_end_is_given_up() {
        let mut events = Events::default();
        assert!(events.take(&vec![b'x'; MAX_LINE + 2]).is_err());
    }

    #[test]
    fn an_event_that_does_not_end_is_given_up() {
        let mut events = Events::default();
        let line = format!("data: {}\n", "x".repeat(1000));
        let said: Result<Vec<_>, _> = (0..2 * MAX_LINE / 1000)
            .map(|_| events.take(line.as_bytes()))
            .collect();
        assert!(said.is_err());
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_changes_nothing(cuts in 0_usize..200) {
            prop_assert_eq!(all(TEXT, cuts), all(TEXT, 0));
        }

        #[test]
        fn any_bytes_can_be_taken(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
            let _ = Events::default().take(&bytes);
        }
    }
}
