//! A private PostgreSQL cluster, shared by all tests of one run: it lives in a temporary folder,
//! listens on a socket there, never waits for the disk, and ends with the run.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

use crate::Db;

const TEMPLATE: &str = "rostrum_template";
/// Who owns the tables, as in production: nobody for whom the guards of rows do not count.
const OWNER: &str = "rostrum";

/// Creates a database from the migrated template; answers its address.
pub(super) async fn fresh_database(waits: Waits) -> Result<String, String> {
    let cluster = Cluster::running(waits).await?;
    let name = format!("t{}", Uuid::new_v4().simple());
    let sql = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {OWNER}");
    cluster.admin(&sql).await?;
    Ok(cluster.url(OWNER, &name))
}

/// Creates a database with nothing in it; answers its address.
pub(super) async fn empty_database(waits: Waits) -> Result<String, String> {
    let cluster = Cluster::running(waits).await?;
    let name = format!("t{}", Uuid::new_v4().simple());
    cluster
        .admin(&format!("CREATE DATABASE {name} OWNER {OWNER}"))
        .await?;
    Ok(cluster.url(OWNER, &name))
}

/// Whether commits wait for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    Never,
    Always,
}

struct Cluster {
    folder: PathBuf,
    waits: Waits,
}

impl Cluster {
    async fn running(waits: Waits) -> Result<Cluster, String> {
        let bin = binaries().ok_or("no PostgreSQL 15 or newer is installed")?;
        let run =
            std::env::var("NEXTEST_RUN_ID").unwrap_or_else(|_| std::process::id().to_string());
        let folder = std::env::temp_dir().join(format!("rostrum-pg-{waits:?}-{run}"));
        let cluster = Cluster { folder, waits };
        cluster
            .ensure(&bin)
            .await
            .map_err(|e| format!("PostgreSQL did not start: {e}"))?;
        Ok(cluster)
    }

    fn url(&self, user: &str, database: &str) -> String {
        format!(
            "postgres://{user}@localhost/{database}?host={}",
            self.folder.display()
        )
    }

    async fn admin(&self, sql: &str) -> Result<(), String> {
        let mut conn = PgConnection::connect(&self.url("postgres", "postgres"))
            .await
            .map_err(|e| e.to_string())?;
        conn.execute(AssertSqlSafe(sql))
            .await
            .map_err(|e| e.to_string())?;
        conn.close().await.map_err(|e| e.to_string())
    }

    /// Starts the cluster unless another test of this run has; one process at a time.
    async fn ensure(&self, bin: &Path) -> Result<(), String> {
        let text = |e: std::io::Error| e.to_string();
        fs::create_dir_all(&self.folder).map_err(text)?;
        let lock = File::create(self.folder.join("lock")).map_err(text)?;
        let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock))
            .await
            .map_err(|e| e.to_string())?
            .map_err(text)?;
        let ready = self.folder.join("ready");
        if !ready.exists() {
            self.start(bin)?;
            self.admin(&format!("CREATE ROLE {OWNER} LOGIN")).await?;
            self.admin(&format!("CREATE DATABASE {TEMPLATE} OWNER {OWNER}"))
                .await?;
            let db = Db::open_postgres(&self.url(OWNER, TEMPLATE))
                .await
                .map_err(|e| e.to_string())?;
            db.migrate().await.map_err(|e| e.to_string())?;
            db.close().await;
            fs::write(&ready, "").map_err(text)?;
        }
        drop(lock);
        Ok(())
    }

    fn start(&self, bin: &Path) -> Result<(), String> {
        // PostgreSQL refuses to be root; its own user must be able to write here.
        fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o777))
            .map_err(|e| e.to_string())?;
        let data = self.folder.join("data");
        self.watch(bin, &data)?;
        run(as_owner(&bin.join("initdb"))
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C"])
            .args(["--username=postgres", "--pgdata"])
            .arg(&data))?;
        let quick = match self.waits {
            Waits::Never => "-c fsync=off -c synchronous_commit=off -c full_page_writes=off",
            Waits::Always => "-c fsync=on -c synchronous_commit=on",
        };
        let flags = format!(
            "-k {} -c listen_addresses= {quick} -c deadlock_timeout=20ms \
             -c max_connections=400 -c shared_buffers=64MB",
            self.folder.display()
        );
        run(as_owner(&bin.join("pg_ctl"))
            .args(["start", "--wait", "--silent", "--pgdata"])
            .arg(&data)
            .arg("--log")
            .arg(self.folder.join("log"))
            .arg("--options")
            .arg(flags))
    }

    /// Stops the cluster when the run is over, however it ends.
    fn watch(&self, bin: &Path, data: &Path) -> Result<(), String> {
        let owner = match std::env::var("NEXTEST_RUN_ID") {
            Ok(_) => std::os::unix::process::parent_id(),
            Err(_) => std::process::id(),
        };
        let prefix = if is_root() {
            "runuser -u postgres -- "
        } else {
            ""
        };
        let script = format!(
            "while kill -0 {owner} 2>/dev/null; do sleep 1; done; \
             {prefix}{} stop --silent --mode=immediate --pgdata {}; rm -rf {}",
            bin.join("pg_ctl").display(),
            data.display(),
            self.folder.display()
        );
        Command::new("setsid")
            .args(["sh", "-c", &script])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(|_| ())
            .map_err(|e| e.to_string())
    }
}

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

fn as_owner(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut c = Command::new("runuser");
        c.args(["-u", "postgres", "--"]).arg(program);
        c
    } else {
        Command::new(program)
    };
    command
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("{command:?}: {e}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?}: {status}"))
    }
}

/// The newest installed server's programs.
fn binaries() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path().join("bin"))))
        .filter(|(version, bin)| *version >= 15 && bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin).or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .find(|p| p.join("initdb").exists() && p.join("pg_ctl").exists())
    })
}
