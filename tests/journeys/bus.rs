//! A bus of the test's own, with the services of a desktop on it: notifications that are recorded
//! and can be clicked, a tray host, and a logind.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

/// What a program asked to be shown.
#[derive(Clone, Debug)]
pub(crate) struct Notified {
    pub(crate) id: u32,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) actions: Vec<String>,
}

#[derive(Default)]
struct Recorded {
    notified: Vec<Notified>,
    inhibitors: Vec<String>,
    tray_items: Vec<String>,
}

type Shared = Arc<Mutex<Recorded>>;

struct Notifications(Shared);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "the specification's own")]
    fn notify(
        &self,
        _app: &str,
        replaces: u32,
        _icon: &str,
        summary: &str,
        body: &str,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expires: i32,
    ) -> u32 {
        let mut recorded = self.0.lock().unwrap();
        let id = if replaces == 0 {
            recorded.notified.len() as u32 + 1
        } else {
            replaces
        };
        let (title, body) = (summary.to_owned(), body.to_owned());
        recorded.notified.push(Notified {
            id,
            title,
            body,
            actions,
        });
        id
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec![
            "actions".to_owned(),
            "body".to_owned(),
            "body-markup".to_owned(),
        ]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        let text = str::to_owned;
        (text("journey"), text("rostrum"), text("1"), text("1.2"))
    }

    fn close_notification(&self, _id: u32) {}

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str)
    -> zbus::Result<()>;
}

struct Logind(Shared);

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Logind {
    fn inhibit(&self, what: &str, who: &str, _why: &str, mode: &str) -> zbus::zvariant::OwnedFd {
        self.0
            .lock()
            .unwrap()
            .inhibitors
            .push(format!("{what} {who} {mode}"));
        let file = std::fs::File::open("/dev/null").expect("/dev/null");
        OwnedFd::from(file).into()
    }

    #[zbus(signal)]
    async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, start: bool) -> zbus::Result<()>;
}

struct Watcher(Shared);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: &str) {
        self.0.lock().unwrap().tray_items.push(service.to_owned());
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.0.lock().unwrap().tray_items.clone()
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// Which services answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Services {
    pub(crate) notifications: bool,
    pub(crate) tray: bool,
    pub(crate) logind: bool,
}

impl Services {
    pub(crate) const ALL: Self = Self {
        notifications: true,
        tray: true,
        logind: true,
    };
    pub(crate) const NONE: Self = Self {
        notifications: false,
        tray: false,
        logind: false,
    };
}

pub(crate) struct Bus {
    daemon: Child,
    pub(crate) address: String,
    connection: zbus::Connection,
    recorded: Shared,
}

impl Bus {
    pub(crate) async fn start(services: Services) -> Self {
        // No folders of services: whatever is not served here is not there, and nothing of the
        // machine is started on the test's behalf.
        let config = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(config.path(), CONFIG).expect("written");
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.path().display()))
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed");
        let mut address = String::new();
        let stdout = daemon.stdout.take().expect("piped");
        BufReader::new(stdout)
            .read_line(&mut address)
            .expect("the bus says its address");
        let address = address.trim().to_owned();
        let recorded = Shared::default();
        let connection = Self::serve(&address, services, &recorded)
            .await
            .expect("the bus answers");
        Self {
            daemon,
            address,
            connection,
            recorded,
        }
    }

    async fn serve(
        address: &str,
        services: Services,
        recorded: &Shared,
    ) -> zbus::Result<zbus::Connection> {
        let mut builder = zbus::connection::Builder::address(address)?;
        if services.notifications {
            builder = builder
                .serve_at(
                    "/org/freedesktop/Notifications",
                    Notifications(recorded.clone()),
                )?
                .name("org.freedesktop.Notifications")?;
        }
        if services.logind {
            builder = builder
                .serve_at("/org/freedesktop/login1", Logind(recorded.clone()))?
                .name("org.freedesktop.login1")?;
        }
        if services.tray {
            builder = builder
                .serve_at("/StatusNotifierWatcher", Watcher(recorded.clone()))?
                .name("org.kde.StatusNotifierWatcher")?;
        }
        builder.build().await
    }

    /// Everything that was shown so far.
    pub(crate) fn notified(&self) -> Vec<Notified> {
        self.recorded.lock().unwrap().notified.clone()
    }

    /// What held sleep off so far, as `what who mode`.
    pub(crate) fn inhibitors(&self) -> Vec<String> {
        self.recorded.lock().unwrap().inhibitors.clone()
    }

    /// Icons that came to the tray.
    pub(crate) fn tray_items(&self) -> Vec<String> {
        self.recorded.lock().unwrap().tray_items.clone()
    }

    /// The person clicks on a notification.
    pub(crate) async fn click(&self, id: u32) {
        let server = self.connection.object_server();
        let at = server
            .interface::<_, Notifications>("/org/freedesktop/Notifications")
            .await
            .expect("served");
        Notifications::action_invoked(at.signal_emitter(), id, "default")
            .await
            .expect("sent");
    }

    /// The computer wakes up.
    pub(crate) async fn wake(&self) {
        let server = self.connection.object_server();
        let at = server
            .interface::<_, Logind>("/org/freedesktop/login1")
            .await
            .expect("served");
        Logind::prepare_for_sleep(at.signal_emitter(), false)
            .await
            .expect("sent");
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
