use domain::ids::{ModelId, PersonId};
use domain::model::{Model, ModelKind, Price, WritingTask};
use protocol::event::NotificationKind;
use protocol::settings::{Appearance, Language, QuietHours};

use super::*;

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    (folder, path)
}

fn file(path: &Path, environment: &[(&str, &str)]) -> SettingsFile {
    let environment = environment
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    SettingsFile::with_environment(path, environment)
}

fn full() -> Settings {
    Settings {
        appearance: Appearance::Dark,
        language: Language::De,
        high_contrast: true,
        person: Some(PersonId(uuid::Uuid::from_u128(5))),
        muted: vec![NotificationKind::Published, NotificationKind::EmptySlot],
        quiet_hours: Some(QuietHours {
            from: 1320,
            to: 420,
        }),
        urgent_in_quiet: true,
        start_at_login: true,
        close_to_tray: false,
        single_keys: false,
        proxy: Some("http://proxy.example:3128".to_owned()),
        extra_ca: Some(
            concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../networks/src/http/house/root.pem"
            )
            .to_owned(),
        ),
        shortcuts: [("compose".to_owned(), "c".to_owned())].into(),
        local_cards: true,
        models_here_only: true,
        models: vec![Model {
            id: ModelId(uuid::Uuid::from_u128(6)),
            name: "Own".to_owned(),
            kind: ModelKind::OpenAi,
            address: "http://127.0.0.1:11434/v1".to_owned(),
            model: "small".to_owned(),
            keyed: true,
            price: Some(Price {
                input: 150_000,
                output: 600_000,
            }),
        }],
        writes_with: [(WritingTask::Draft, ModelId(uuid::Uuid::from_u128(6)))].into(),
        fallback_model: Some(ModelId(uuid::Uuid::from_u128(6))),
    }
}

#[test]
fn without_a_file_the_defaults_hold() {
    let (_folder, path) = folder();
    let loaded = file(&path, &[]).load();
    assert_eq!(loaded.settings, Settings::default());
    assert!(loaded.problems.is_empty() && loaded.fixed.is_empty());
}

#[test]
fn what_was_saved_is_loaded_whole() {
    let (_folder, path) = folder();
    let file = file(&path, &[]);
    assert_eq!(file.save(&full()).unwrap().settings, full());
    let mut less = full();
    (less.person, less.quiet_hours) = (None, None);
    (less.proxy, less.extra_ca) = (None, None);
    less.fallback_model = None;
    assert_eq!(file.save(&less).unwrap().settings, less);
}

#[test]
fn every_setting_that_fits_into_a_word_has_a_variable() {
    const LONG: [&str; 3] = ["shortcuts", "models", "writes_with"];
    let (_folder, path) = folder();
    let known = serde_json::to_value(full()).unwrap();
    for key in known.as_object().unwrap().keys() {
        let variable = format!("ROSTRUM_{}", key.to_ascii_uppercase());
        let loaded = file(&path, &[(&variable, "no such value")]).load();
        let noticed = !loaded.problems.is_empty();
        assert_eq!(noticed, !LONG.contains(&key.as_str()), "{variable}");
    }
}

#[test]
fn the_environment_overrules_the_file_and_is_not_written_into_it() {
    let (_folder, path) = folder();
    file(&path, &[]).save(&full()).unwrap();
    let overruled = file(
        &path,
        &[
            ("ROSTRUM_APPEARANCE", "light"),
            ("ROSTRUM_START_AT_LOGIN", "off"),
            ("ROSTRUM_MUTED", "missed, failed"),
            ("ROSTRUM_QUIET_HOURS", "23:30-06:15"),
            ("OTHER_APPEARANCE", "dark"),
        ],
    );
    let loaded = overruled.load();
    assert_eq!(loaded.settings.appearance, Appearance::Light);
    assert!(!loaded.settings.start_at_login);
    assert_eq!(
        loaded.settings.muted,
        [NotificationKind::Missed, NotificationKind::Failed]
    );
    assert_eq!(
        loaded.settings.quiet_hours,
        Some(QuietHours {
            from: 1410,
            to: 375
        })
    );
    assert_eq!(loaded.fixed.len(), 4);

    let mut wanted = loaded.settings;
    wanted.close_to_tray = true;
    overruled.save(&wanted).unwrap();
    let mut expected = full();
    expected.close_to_tray = true;
    assert_eq!(file(&path, &[]).load().settings, expected);
    let off = file(&path, &[("ROSTRUM_QUIET_HOURS", "off")]).load();
    assert_eq!(off.settings.quiet_hours, None);
}

#[test]
fn what_is_not_known_stays_with_its_comments() {
    let (_folder, path) = folder();
    std::fs::write(
        &path,
        "# mine\nappearance = \"dark\" # at night\nfrom_a_newer_release = [1, 2]\n\n[plugin]\nx = 1\n",
    )
    .unwrap();
    let file = file(&path, &[]);
    let mut settings = file.load().settings;
    assert_eq!(settings.appearance, Appearance::Dark);
    settings.appearance = Appearance::Light;
    settings.quiet_hours = Some(QuietHours { from: 0, to: 60 });
    assert_eq!(file.save(&settings).unwrap().settings, settings);
    let text = std::fs::read_to_string(&path).unwrap();
    for kept in [
        "# mine",
        "# at night",
        "from_a_newer_release = [1, 2]",
        "[plugin]\nx = 1",
    ] {
        assert!(text.contains(kept), "{kept}\n{text}");
    }
}

#[test]
fn one_bad_value_costs_only_itself() {
    let (_folder, path) = folder();
    std::fs::write(
        &path,
        "appearance = \"purple\"\nhigh_contrast = true\nquiet_hours = { from = 9999, to = 1 }\n",
    )
    .unwrap();
    let loaded = file(&path, &[]).load();
    assert!(loaded.settings.high_contrast);
    assert_eq!(loaded.settings.appearance, Appearance::System);
    assert_eq!(loaded.problems.len(), 2, "{:?}", loaded.problems);
}

#[test]
fn an_unreadable_file_is_told_and_kept_aside_when_saving() {
    let (folder, path) = folder();
    std::fs::write(&path, "appearance = [[[").unwrap();
    let file = file(&path, &[]);
    let loaded = file.load();
    assert_eq!(loaded.settings, Settings::default());
    assert_eq!(loaded.problems.len(), 1);
    assert_eq!(file.save(&full()).unwrap().settings, full());
    let aside = folder.path().join("settings.toml.unreadable");
    assert_eq!(std::fs::read_to_string(aside).unwrap(), "appearance = [[[");
}

#[test]
fn senseless_settings_are_not_saved() {
    let (_folder, path) = folder();
    let mut settings = full();
    settings.quiet_hours = Some(QuietHours { from: 1440, to: 0 });
    let problem = Problem::from(file(&path, &[]).save(&settings).unwrap_err());
    assert_eq!(problem.code, Code::InvalidInput);
    assert!(!path.exists());
}

#[test]
fn a_way_out_that_cannot_work_is_refused_and_one_that_no_longer_does_is_left_out() {
    let (folder, path) = folder();
    let file = file(&path, &[]);
    let refused = |change: &dyn Fn(&mut Settings)| {
        let mut settings = full();
        change(&mut settings);
        Problem::from(file.save(&settings).unwrap_err()).message
    };
    let words = refused(&|s| s.proxy = Some("http://ada:pass@proxy:3128".to_owned()));
    assert!(
        words.contains("password") && !words.contains("pass@"),
        "{words}"
    );
    let nowhere = folder.path().join("none.pem").display().to_string();
    assert!(refused(&|s| s.extra_ca = Some(nowhere.clone())).contains("none.pem"));
    assert!(!path.exists());

    // The file was there when it was chosen.
    let copy = folder.path().join("root.pem");
    std::fs::copy(full().extra_ca.unwrap(), &copy).unwrap();
    let mut settings = full();
    settings.extra_ca = Some(copy.display().to_string());
    file.save(&settings).unwrap();
    std::fs::remove_file(&copy).unwrap();
    let loaded = file.load();
    assert_eq!(loaded.settings.extra_ca, None);
    assert_eq!(loaded.settings.proxy, full().proxy);
    assert_eq!(loaded.problems.len(), 1, "{:?}", loaded.problems);
}

#[tokio::test]
async fn a_change_by_hand_is_noticed() {
    let (_folder, path) = folder();
    let file = file(&path, &[]);
    let mut watch = Watch::new(file.clone());
    assert_eq!(watch.poll(), None);
    file.save(&full()).unwrap();
    assert_eq!(watch.poll().unwrap().settings, full());
    assert_eq!(watch.poll(), None);

    let (to, mut seen) = tokio::sync::watch::channel(watch.current().clone());
    let stop = CancellationToken::new();
    let running = watch.run(to, std::time::Duration::from_millis(5), stop.clone());
    let test = async {
        std::fs::write(&path, "appearance = \"light\"").unwrap();
        seen.changed().await.unwrap();
        assert_eq!(seen.borrow().settings.appearance, Appearance::Light);
        stop.cancel();
    };
    tokio::join!(running, test);
}

use tokio_util::sync::CancellationToken;
