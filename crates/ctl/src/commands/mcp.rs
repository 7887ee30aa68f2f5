//! `rostrumctl mcp`: programs that act for a person, on standard input and output.
//!
//! The data folder is opened for each call and let go again, or reached through the door of the
//! Rostrum that has it: a window can come and go meanwhile.

use std::sync::Arc;

use agents::{Agent, Door, House};
use app::host::{Guest, Knock};
use async_trait::async_trait;
use domain::ids::PersonId;
use protocol::{Code, Problem};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServiceExt as _};
use serde_json::Value;

use crate::args::Args;
use crate::commands::who;
use crate::reach::Reach;

/// Serves until the other side closes.
pub(super) async fn serve(args: Args) -> Result<(), Problem> {
    let agent = Agent::new(Folder(Arc::new(args)));
    let broken = |e: &dyn std::fmt::Display| {
        Problem::new(Code::InvalidInput, format!("Nobody speaks MCP here: {e}."))
    };
    let service = agent.serve(rmcp::transport::stdio()).await;
    let service = service.map_err(|e| broken(&e))?;
    service.waiting().await.map_err(|e| broken(&e))?;
    Ok(())
}

/// The data folder of the arguments.
struct Folder(Arc<Args>);

/// It, while a call is answered.
struct Opened {
    reach: Reach,
    guest: Guest,
}

#[async_trait]
impl House for Folder {
    async fn open(&self, _: &RequestContext<RoleServer>) -> Result<Box<dyn Door>, Problem> {
        let reach = Reach::open(&self.0).await?;
        match who(&self.0, &reach).await {
            Ok(by) => Ok(Box::new(Opened {
                reach,
                guest: Guest { by, agent: true },
            })),
            Err(problem) => {
                reach.close().await;
                Err(problem)
            }
        }
    }
}

#[async_trait]
impl Door for Opened {
    fn person(&self) -> Option<PersonId> {
        self.guest.by
    }

    async fn knock(&self, knock: Knock) -> Result<Value, Problem> {
        self.reach.knock(self.guest, knock).await
    }

    async fn close(self: Box<Self>) {
        self.reach.close().await;
    }
}
