//! `edit_publication`: puts an approved newer version in the place of what is out.

use async_trait::async_trait;
use engine::{Ctx, Failure, Policy, Workflow};
use serde_json::Value;

use super::publish::{drive, end};
use super::{EDIT, Hand, tireless};
use crate::publish::{check_edit, give_up_edit};

pub(super) struct Edit(pub(super) Hand);

#[async_trait]
impl Workflow for Edit {
    fn name(&self) -> &'static str {
        EDIT.0
    }

    fn revision(&self) -> u32 {
        EDIT.1
    }

    fn policy(&self) -> Policy {
        Policy {
            retry: tireless(),
            on_failure: true,
            ..Policy::default()
        }
    }

    async fn run(&self, ctx: &mut Ctx, value: Value) -> Result<Value, Failure> {
        drive(&self.0, ctx, value, |work, publisher, delivery, run| {
            Box::pin(async move { check_edit(work, publisher, delivery, run).await })
        })
        .await
    }

    async fn on_failure(
        &self,
        ctx: &mut Ctx,
        value: Value,
        failure: &Failure,
    ) -> Result<(), Failure> {
        end(
            &self.0,
            ctx,
            value,
            failure,
            |work, delivery, run, words| {
                Box::pin(async move { give_up_edit(work, delivery, run, words).await })
            },
        )
        .await
    }
}
