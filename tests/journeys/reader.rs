//! A screen reader's ears: the accessibility bus beside the session bus, and the tree that
//! programs tell there (AT-SPI 2, <https://gitlab.gnome.org/GNOME/at-spi2-core>).

use std::collections::HashMap;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

use crate::stage::{Running, Stage};

/// Where systems keep the program that starts the accessibility bus.
const LAUNCHERS: [&str; 3] = [
    "/usr/libexec/at-spi-bus-launcher",
    "/usr/lib/at-spi2-core/at-spi-bus-launcher",
    "/usr/lib/at-spi-bus-launcher",
];

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";

/// Something in the tree: a program on the bus, and one of its objects.
type Place = (String, OwnedObjectPath);

/// What is told of one thing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    place: Place,
    /// Of pages by ARIA's names, such as `button`; of the toolkit by its own.
    pub(crate) role: String,
    pub(crate) name: String,
    pub(crate) attributes: HashMap<String, String>,
    /// The roles above it, outermost first.
    pub(crate) within: Vec<String>,
}

pub(crate) struct Reader {
    launcher: Running,
    bus: zbus::Connection,
}

impl Reader {
    /// Begins to listen on this desktop; before programs start, as they look for the bus then.
    /// `None` where the bus is not installed, which is said out loud.
    pub(crate) async fn start(stage: &Stage) -> Option<Self> {
        let Some(program) = LAUNCHERS.iter().find(|path| Path::new(path).exists()) else {
            eprintln!("skipped: at-spi2-core is not installed");
            return None;
        };
        let launcher = stage
            .command(program)
            .arg("--launch-immediately")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // It starts the bus itself, which has to end with it.
            .process_group(0)
            .spawn()
            .expect("the accessibility bus starts");
        let launcher = Running(launcher);
        let session = zbus::connection::Builder::address(stage.bus.address.as_str())
            .expect("an address")
            .build()
            .await
            .expect("the bus answers");
        let end = Instant::now() + Duration::from_secs(10);
        let address: String = loop {
            let asked = session
                .call_method(
                    Some("org.a11y.Bus"),
                    "/org/a11y/bus",
                    Some("org.a11y.Bus"),
                    "GetAddress",
                    &(),
                )
                .await;
            match asked {
                Ok(said) => break said.body().deserialize().expect("an address"),
                Err(error) if Instant::now() > end => panic!("no accessibility bus: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        // Programs tell more once somebody reads.
        for on in ["IsEnabled", "ScreenReaderEnabled"] {
            session
                .call_method(
                    Some("org.a11y.Bus"),
                    "/org/a11y/bus",
                    Some("org.freedesktop.DBus.Properties"),
                    "Set",
                    &("org.a11y.Status", on, zbus::zvariant::Value::from(true)),
                )
                .await
                .expect("it is told");
        }
        let bus = zbus::connection::Builder::address(address.as_str())
            .expect("an address")
            .build()
            .await
            .expect("the accessibility bus answers");
        Some(Self { launcher, bus })
    }

    async fn ask(
        &self,
        place: &Place,
        interface: &str,
        method: &str,
    ) -> zbus::Result<zbus::Message> {
        let (program, object) = (place.0.as_str(), &place.1);
        self.bus
            .call_method(Some(program), object, Some(interface), method, &())
            .await
    }

    async fn property(&self, place: &Place, name: &str) -> zbus::Result<OwnedValue> {
        let (program, object) = (place.0.as_str(), &place.1);
        let properties = Some("org.freedesktop.DBus.Properties");
        let said = self
            .bus
            .call_method(
                Some(program),
                object,
                properties,
                "Get",
                &(ACCESSIBLE, name),
            )
            .await?;
        said.body().deserialize()
    }

    async fn told(&self, place: Place, within: Vec<String>) -> zbus::Result<Told> {
        let attributes = self.ask(&place, ACCESSIBLE, "GetAttributes").await;
        let attributes: HashMap<String, String> = attributes
            .and_then(|said| said.body().deserialize())
            .unwrap_or_default();
        let name = self.property(&place, "Name").await?;
        // Of a page screen readers ask the role as a number, and tell ARIA's by this attribute.
        // Asked for its name, WebKitGTK 2.50 ends at the head of a table's row.
        let role = if attributes
            .get("toolkit")
            .is_some_and(|kit| kit == "WebKitGTK")
        {
            self.ask(&place, ACCESSIBLE, "GetRole").await?;
            attributes.get("computed-role").cloned().unwrap_or_default()
        } else {
            let said = self.ask(&place, ACCESSIBLE, "GetRoleName").await?;
            said.body().deserialize()?
        };
        Ok(Told {
            role,
            name: String::try_from(name).unwrap_or_default(),
            attributes,
            within,
            place,
        })
    }

    async fn children(&self, place: &Place) -> zbus::Result<Vec<Place>> {
        let said = self.ask(place, ACCESSIBLE, "GetChildren").await?;
        let mut children: Vec<Place> = said.body().deserialize()?;
        // The frame around a page knows how many it has, but lists none that is in another process.
        if children.is_empty() {
            let count = i32::try_from(self.property(place, "ChildCount").await?)?;
            for at in 0..count {
                let (program, object) = (place.0.as_str(), &place.1);
                let said = self
                    .bus
                    .call_method(
                        Some(program),
                        object,
                        Some(ACCESSIBLE),
                        "GetChildAtIndex",
                        &at,
                    )
                    .await?;
                children.push(said.body().deserialize()?);
            }
        }
        Ok(children)
    }

    fn walk<'a>(
        &'a self,
        place: Place,
        within: Vec<String>,
        all: &'a mut Vec<Told>,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            // What goes away between two questions is not there.
            let Ok(told) = self.told(place.clone(), within.clone()).await else {
                return;
            };
            let mut below = within;
            below.push(told.role.clone());
            all.push(told);
            for child in self.children(&place).await.unwrap_or_default() {
                self.walk(child, below.clone(), all).await;
            }
        })
    }

    /// Everything that is told of every window.
    pub(crate) async fn reads(&self) -> Vec<Told> {
        let root = OwnedObjectPath::try_from("/org/a11y/atspi/accessible/root").expect("a path");
        let mut all = Vec::new();
        let desktop = ("org.a11y.atspi.Registry".to_owned(), root);
        self.walk(desktop, Vec::new(), &mut all).await;
        all
    }

    /// The first thing with one of these roles and a name that begins so, once it is told.
    pub(crate) async fn finds(&self, roles: &[&str], begins: &str) -> Told {
        self.finds_that(&format!("{roles:?} “{begins}”"), |told| {
            roles.contains(&told.role.as_str()) && told.name.starts_with(begins)
        })
        .await
    }

    /// The first thing that is so, once it is told.
    pub(crate) async fn finds_that(&self, what: &str, so: impl Fn(&Told) -> bool) -> Told {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let all = self.reads().await;
            if let Some(told) = all.iter().find(|told| so(told)) {
                return told.clone();
            }
            if Instant::now() > end {
                for told in &all {
                    let deep = "  ".repeat(told.within.len());
                    eprintln!("{deep}{} {:?} {:?}", told.role, told.name, told.attributes);
                }
                panic!("a screen reader finds no {what}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The text that it holds; nothing where it holds none.
    pub(crate) async fn text(&self, told: &Told) -> String {
        let (program, object) = (told.place.0.as_str(), &told.place.1);
        let said = self
            .bus
            .call_method(
                Some(program),
                object,
                Some("org.a11y.atspi.Text"),
                "GetText",
                &(0_i32, -1_i32),
            )
            .await;
        said.and_then(|said| said.body().deserialize())
            .unwrap_or_default()
    }

    /// What a part of a page that is read out when it changes holds of these words, once it does.
    pub(crate) async fn hears(&self, words: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        let mut heard = Vec::new();
        while Instant::now() < end {
            heard.clear();
            for told in self.reads().await {
                if told.attributes.contains_key("container-live") {
                    heard.push(format!("{} {}", told.name, self.text(&told).await));
                }
            }
            if heard.iter().any(|said| said.contains(words)) {
                return;
            }
        }
        panic!("{words:?} is not read out, but {heard:?}");
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.launcher.end_group();
    }
}
