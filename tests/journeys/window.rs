//! What a person sees and does in the window, found by what a screen reader would say.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::stage::Running;

pub(crate) struct Page {
    pub(crate) driver: WebDriver,
    native: Running,
}

/// How long a person waits before giving up.
const PATIENCE: Duration = Duration::from_secs(10);

impl Page {
    pub(crate) fn new(driver: WebDriver, native: Running) -> Self {
        Self { driver, native }
    }

    async fn found(&self, what: &str, xpath: String) -> WebElement {
        // A place that is drawn anew takes its elements away between the look and the answer.
        let end = std::time::Instant::now() + PATIENCE;
        let found = loop {
            let found = self
                .driver
                .query(By::XPath(xpath.clone()))
                .wait(PATIENCE, Duration::from_millis(50))
                .and_displayed()
                .first()
                .await;
            if found.is_ok() || std::time::Instant::now() > end {
                break found;
            }
        };
        match found {
            Ok(element) => element,
            Err(error) => {
                self.shot(&format!(
                    "missing-{}",
                    what.replace(|c: char| !c.is_alphanumeric(), "-")
                ))
                .await;
                panic!(
                    "{what} is not in the window: {error}\n{}",
                    self.text().await
                )
            }
        }
    }

    /// A button, tab, menu item or link with this name.
    pub(crate) async fn press(&self, name: &str) {
        let name = quoted(name);
        let roles = "self::button or self::a or @role='button' or @role='menuitem' or @role='tab' or @role='option' or @role='radio' or @role='checkbox'";
        let xpath = format!(
            "//*[{roles}][normalize-space(.)={name} or @aria-label={name} or descendant::text()[normalize-space(.)={name}]]"
        );
        let what = format!("the button {name}");
        // A button that says why it is off takes no press; a person waits until it is on.
        for _ in 0..100 {
            let element = self.found(&what, xpath.clone()).await;
            let off = element.attr("aria-disabled").await.ok().flatten();
            if off.as_deref() != Some("true") && element.is_enabled().await.unwrap_or(true) {
                // Drawn anew just now: look again.
                if element.click().await.is_ok() {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{what} stays off");
    }

    /// A button of the sheet or question that lies over the window.
    pub(crate) async fn answer(&self, name: &str) {
        let xpath = format!(
            "//*[@role='dialog' or @role='alertdialog']//button[normalize-space(.)={}]",
            quoted(name)
        );
        let element = self.found(&format!("the answer {name}"), xpath).await;
        element.click().await.expect("it can be pressed");
    }

    /// A network in the list of those that can be connected.
    pub(crate) async fn choose_network(&self, name: &str) {
        let xpath = format!(
            "//*[@role='dialog']//li//button[descendant::span[normalize-space(text())={}]]",
            quoted(name)
        );
        let element = self.found(&format!("the network {name}"), xpath).await;
        element.click().await.expect("it can be chosen");
    }

    /// A line of a menu that begins so.
    pub(crate) async fn press_item(&self, begins: &str) {
        let xpath = format!(
            "//*[@role='menuitem'][starts-with(normalize-space(.),{})]",
            quoted(begins)
        );
        let element = self.found(&format!("the item {begins}"), xpath).await;
        element.click().await.expect("it can be pressed");
    }

    /// In time, the row of a network says all of this.
    pub(crate) async fn row_says(&self, network: &str, words: &[&str]) {
        let xpath = format!(
            "//tbody[.//span[normalize-space(text())={}]]//td",
            quoted(network)
        );
        let what = format!("the row of {network}");
        let mut said = Vec::new();
        for _ in 0..100 {
            self.found(&what, xpath.clone()).await;
            said.clear();
            let cells = self.driver.find_all(By::XPath(xpath.clone())).await;
            for cell in cells.unwrap_or_default() {
                said.push(cell.text().await.unwrap_or_default());
            }
            if words
                .iter()
                .all(|word| said.iter().any(|cell| cell == word))
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{what} says {said:?}, not {words:?}");
    }

    /// A button whose name begins so.
    pub(crate) async fn press_that_begins(&self, name: &str) {
        let xpath = format!("//button[starts-with(@aria-label,{})]", quoted(name));
        let element = self.found(&format!("the button {name}"), xpath).await;
        element.click().await.expect("it can be pressed");
    }

    /// The field with this label.
    pub(crate) async fn field(&self, label: &str) -> WebElement {
        let label = quoted(label);
        let xpath = format!(
            "//*[self::input or self::textarea or self::select or @contenteditable='true' or @role='textbox'][@aria-label={label} or @id=//label[normalize-space(.)={label} or .//*[normalize-space(text())={label}]]/@for or @aria-labelledby=//*[normalize-space(.)={label}]/@id or ancestor::label[contains(normalize-space(.),{label})]]"
        );
        self.found(&format!("the field {label}"), xpath).await
    }

    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.click().await.expect("it takes the focus");
        field.send_keys(text).await.expect("it takes keys");
    }

    /// Puts this in place of what stands in a field.
    pub(crate) async fn refill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.click().await.expect("it takes the focus");
        field
            .send_keys(Key::Control + "a")
            .await
            .expect("it takes keys");
        field.send_keys(text).await.expect("it takes keys");
    }

    /// What stands in a field.
    pub(crate) async fn value(&self, label: &str) -> String {
        let field = self.field(label).await;
        field
            .prop("value")
            .await
            .expect("a field")
            .unwrap_or_default()
    }

    /// A text anywhere.
    pub(crate) async fn sees(&self, text: &str) {
        let wanted = quoted(text);
        let xpath = format!(
            "//*[contains(normalize-space(.),{wanted})][not(*[contains(normalize-space(.),{wanted})])]"
        );
        self.found(&format!("the text {wanted}"), xpath).await;
    }

    /// As [`Page::sees`], for words that are cut where they are too long: the driver takes them for
    /// hidden.
    pub(crate) async fn says(&self, text: &str) {
        let mut said = String::new();
        for _ in 0..100 {
            let asked = self
                .driver
                .execute("return document.body.innerText", vec![])
                .await;
            said = asked.map_or_else(|e| e.to_string(), |said| said.json().to_string());
            if said.contains(text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the window does not say {text:?}: {said}");
    }

    /// The composer's text.
    pub(crate) async fn write(&self, text: &str) {
        let xpath = "//*[@contenteditable='true' or self::textarea]".to_owned();
        let field = self.found("the place to write", xpath).await;
        field.click().await.expect("it takes the focus");
        field.send_keys(text).await.expect("it takes keys");
    }

    /// Puts this in place of the composer's text.
    pub(crate) async fn rewrite(&self, text: &str) {
        let xpath = "//*[@contenteditable='true' or self::textarea]".to_owned();
        let field = self.driver.find(By::XPath(xpath)).await;
        let field = field.expect("a place to write");
        field.focus().await.expect("it takes the focus");
        field
            .send_keys(Key::Control + "a")
            .await
            .expect("it takes keys");
        field.send_keys(text).await.expect("it takes keys");
    }

    /// What stands in the composer.
    pub(crate) async fn written(&self) -> String {
        let xpath = "//*[@contenteditable='true' or self::textarea]".to_owned();
        // Also where it is scrolled out of sight.
        let field = self.driver.find(By::XPath(xpath)).await;
        field
            .expect("a place to write")
            .prop("value")
            .await
            .expect("a field")
            .unwrap_or_default()
    }

    /// A button that is off and stays so when it is pressed.
    pub(crate) async fn press_dead(&self, name: &str) {
        let name = quoted(name);
        let xpath = format!("//button[descendant::text()[normalize-space(.)={name}]]");
        let element = self.found(&format!("the button {name}"), xpath).await;
        let off = element.attr("aria-disabled").await.ok().flatten();
        assert_eq!(off.as_deref(), Some("true"), "{name} is on");
        element.click().await.expect("it can be pressed");
        assert!(
            element.is_present().await.unwrap_or(false),
            "{name} did something"
        );
    }

    /// Gives a file to the picker with this label.
    pub(crate) async fn attach(&self, label: &str, file: &Path) {
        let xpath = format!("//input[@type='file'][@aria-label={}]", quoted(label));
        let field = self
            .driver
            .find(By::XPath(xpath))
            .await
            .expect("a picker of files");
        field
            .send_keys(file.to_str().expect("a path in words"))
            .await
            .expect("it takes a file");
    }

    /// Asks the core through the window.
    pub(crate) async fn query(&self, query: Value) -> Value {
        self.call("query", json!({ "query": query })).await
    }

    /// Changes something through the window.
    pub(crate) async fn mutate(&self, mutation: Value) -> Value {
        self.call(
            "mutate",
            json!({ "call": { "id": new_id(), "mutation": mutation } }),
        )
        .await
    }

    /// Reaches outside through the window.
    pub(crate) async fn act(&self, act: Value) -> Value {
        self.call("act", json!({ "id": new_id(), "act": act }))
            .await
    }

    /// As [`Page::act`], in an organization that was joined.
    pub(crate) async fn act_within(&self, organization: &str, act: Value) -> Value {
        let given = json!({ "organization": organization, "id": new_id(), "act": act });
        self.call("act", given).await
    }

    async fn call(&self, command: &str, arguments: Value) -> Value {
        let script = "const [command, args, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, args)
              .then((said) => done({ said }), (problem) => done({ problem }));";
        let answer = self
            .driver
            .execute_async(script, vec![json!(command), arguments.clone()])
            .await
            .expect("the window runs scripts");
        let answer = answer.json();
        assert_eq!(answer["problem"], Value::Null, "{command} {arguments}");
        answer["said"].clone()
    }

    /// The time of the machine that the window runs on.
    pub(crate) async fn now(&self) -> chrono::DateTime<chrono::Utc> {
        let now = self
            .driver
            .execute("return Date.now()", vec![])
            .await
            .expect("it runs scripts");
        let ms = now.json().as_i64().expect("a number");
        chrono::DateTime::from_timestamp_millis(ms).expect("a time")
    }

    /// A day as the window names it.
    pub(crate) async fn long_day(&self, day: chrono::NaiveDate) -> String {
        let script = "return new Intl.DateTimeFormat('en-GB',
            { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' })
            .format(new Date(arguments[0]))";
        let named = self
            .driver
            .execute(script, vec![json!(day.to_string())])
            .await
            .expect("it runs scripts");
        named.json().as_str().expect("a name").to_owned()
    }

    /// The core names this post as the next to go out.
    pub(crate) async fn see_next(&self, headline: &str) {
        for _ in 0..100 {
            let overview = self.query(json!({ "type": "overview" })).await;
            if overview["runtime"]["next"]["headline"] == headline {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{headline} is not the next post");
    }

    /// Everything that can be read.
    pub(crate) async fn text(&self) -> String {
        match self.driver.find(By::Tag("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(error) => format!("(no page: {error})"),
        }
    }

    /// A picture into `$ROSTRUM_SHOTS`, if that names a folder.
    pub(crate) async fn shot(&self, name: &str) {
        let Some(folder) = std::env::var_os("ROSTRUM_SHOTS") else {
            return;
        };
        let folder = std::path::PathBuf::from(folder);
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        // What slides in comes to rest, what announces itself has gone.
        tokio::time::sleep(Duration::from_secs(6)).await;
        if let Ok(png) = self.driver.screenshot_as_png().await {
            std::fs::write(folder.join(format!("{name}.png")), png).expect("written");
        }
    }

    /// Ends the program through the driver.
    pub(crate) async fn close(self) {
        let _ = self.driver.clone().quit().await;
    }
}

/// A test that fails midway ends the program at once; the driver's own end waits for an answer.
impl Drop for Page {
    fn drop(&mut self) {
        self.native.end_group();
        let _ = self.driver.clone().leak();
    }
}

/// As an XPath string.
fn quoted(text: &str) -> String {
    if text.contains('\'') {
        format!("\"{text}\"")
    } else {
        format!("'{text}'")
    }
}

/// A name for something new.
pub(crate) fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
