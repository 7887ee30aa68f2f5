//! Rows of many callers stored by one set-based statement.

use std::any::{Any, TypeId};

use futures::future::BoxFuture;
use tokio::sync::oneshot;

use crate::job::Runs;
use crate::{Error, Tx};

/// An item that is stored together with others of its kind.
///
/// The items of one call were all in flight at once, so they have no order among each other.
/// When storing them together is refused, each is stored alone.
pub trait Merge: Send + Sync + 'static {
    /// What the caller of one item gets.
    type Answer: Send + 'static;

    /// Stores all items; answers in their order.
    fn write<'a>(
        items: &'a [Self],
        tx: &'a mut Tx<'_>,
    ) -> BoxFuture<'a, Result<Vec<Self::Answer>, Error>>
    where
        Self: Sized;

    /// Whether [`Merge::write`] of these runs exactly one statement: then no transaction is put
    /// around it, which saves round trips.
    fn is_one_statement(items: &[Self]) -> bool
    where
        Self: Sized,
    {
        let _ = items;
        false
    }
}

type Reply<M> = oneshot::Sender<Result<<M as Merge>::Answer, Error>>;

/// Items waiting to be stored by one call.
pub(crate) struct Group<M: Merge> {
    items: Vec<M>,
    replies: Vec<Reply<M>>,
    kept: Option<Result<Vec<M::Answer>, Error>>,
}

impl<M: Merge> Group<M> {
    pub(crate) fn one(item: M) -> (Self, oneshot::Receiver<Result<M::Answer, Error>>) {
        let (reply, answer) = oneshot::channel();
        let group = Group {
            items: vec![item],
            replies: vec![reply],
            kept: None,
        };
        (group, answer)
    }
}

impl<M: Merge> Runs for Group<M> {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, bool> {
        self.kept = None;
        Box::pin(async move {
            let result = M::write(&self.items, tx).await;
            let kept = result.is_ok();
            self.kept = Some(result);
            kept
        })
    }

    fn settle(self: Box<Self>) {
        match self.kept {
            Some(Ok(answers)) if answers.len() == self.replies.len() => {
                for (reply, answer) in self.replies.into_iter().zip(answers) {
                    let _ = reply.send(Ok(answer));
                }
            }
            Some(Ok(_)) => answer_all(
                self.replies,
                &Error::Other("a merged write answered for another number of items".into()),
            ),
            Some(Err(e)) => answer_all(self.replies, &e),
            None => answer_all(self.replies, &Error::Closed),
        }
    }

    fn fail(self: Box<Self>, error: Error) {
        answer_all(self.replies, &error);
    }

    fn abandoned(&self) -> bool {
        self.replies.iter().all(oneshot::Sender::is_closed)
    }

    fn kind(&self) -> Option<TypeId> {
        Some(TypeId::of::<M>())
    }

    fn join(&mut self, other: Box<dyn Any>) {
        if let Ok(other) = other.downcast::<Group<M>>() {
            self.items.extend(other.items);
            self.replies.extend(other.replies);
        }
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn split(self: Box<Self>) -> Vec<Box<dyn Runs>> {
        self.items
            .into_iter()
            .zip(self.replies)
            .map(|(item, reply)| {
                Box::new(Group {
                    items: vec![item],
                    replies: vec![reply],
                    kept: None,
                }) as Box<dyn Runs>
            })
            .collect()
    }

    fn is_one_statement(&self) -> bool {
        M::is_one_statement(&self.items)
    }

    fn callers(&self) -> usize {
        self.items.len()
    }
}

fn answer_all<A>(replies: Vec<oneshot::Sender<Result<A, Error>>>, error: &Error) {
    for reply in replies {
        let _ = reply.send(Err(error.clone()));
    }
}

/// Joins jobs of one kind into the first of that kind; the others keep their order.
pub(crate) fn joined(jobs: Vec<Box<dyn Runs>>) -> Vec<Box<dyn Runs>> {
    let mut out: Vec<Box<dyn Runs>> = Vec::with_capacity(jobs.len());
    let mut places: Vec<(TypeId, usize)> = Vec::new();
    for job in jobs {
        match job.kind() {
            None => out.push(job),
            Some(kind) => match places.iter().find(|(k, _)| *k == kind) {
                Some((_, place)) => out[*place].join(job.into_any()),
                None => {
                    places.push((kind, out.len()));
                    out.push(job);
                }
            },
        }
    }
    out
}
