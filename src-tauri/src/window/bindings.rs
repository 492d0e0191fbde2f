//! What the screens know of this side: the file `ui/src/host/bindings.ts`, made from the commands.

use super::ipc;
use super::shown::{
    AttentionRule, CustomerShown, ErrorWords, Update, attention_rules, catalogue_words, error_words, reason_words,
};
use tauri_specta::{Builder, collect_commands, collect_events};

/// The commands, events and constants of the cashier's window.
pub(crate) fn builder() -> Builder<tauri::Wry> {
    Builder::new()
        .commands(collect_commands![
            ipc::start,
            ipc::keyring_is_open,
            ipc::snapshot,
            ipc::sell,
            ipc::order,
            ipc::ask,
            ipc::close,
            ipc::reverse,
            ipc::name_gateway_no,
            ipc::adopt,
            ipc::orders,
            ipc::timeline,
            ipc::raw_answer,
            ipc::gateways,
            ipc::add_account,
            ipc::change_account,
            ipc::set_secret,
            ipc::remove_account,
            ipc::check_account,
            ipc::settings,
            ipc::save_settings,
            ipc::doctor,
            ipc::receiver,
            ipc::check_receiver,
            ipc::enter_training,
            ipc::open_phone,
            ipc::customer_window,
            ipc::show_customer,
            ipc::painted,
            ipc::sign_in,
            ipc::sign_out,
            ipc::add_operator,
            ipc::remove_operator,
            ipc::set_pin,
            ipc::set_limits,
            ipc::refund,
            ipc::refund_again,
            ipc::withdraw_refund,
            ipc::refunds,
            ipc::mark_by_hand,
            ipc::handle_attention,
            ipc::allow_input_method,
            ipc::export_journal,
            ipc::export_progress,
            ipc::cancel_export,
            ipc::show_export,
        ])
        .events(collect_events![Update, CustomerShown])
        // What is given and what is taken look alike on the wire.
        .disable_serde_phases()
        // A field's length in characters; amounts and numbers of events say themselves that they are numbers.
        .dangerously_cast_bigints_to_number()
        .typ::<ErrorWords>()
        .constant("errorWords", error_words())
        .constant("reasonWords", reason_words())
        .constant("catalogueWords", catalogue_words())
        .typ::<AttentionRule>()
        .constant("attentionRules", attention_rules())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::names::COMMANDS;
    use serde_json::Value;
    use std::path::{Path, PathBuf};
    use tauri_specta::{BuilderConfiguration, LanguageExt};

    /// The exporter has a `Channel` of its own; the till's is exported under another name.
    struct Screens;

    impl LanguageExt for Screens {
        type Error = specta_typescript::Error;

        fn export(self, cfg: &BuilderConfiguration, path: &Path) -> Result<(), Self::Error> {
            let mut cfg = cfg.clone();
            cfg.types.iter_mut(|named| {
                if named.name == "Channel" {
                    named.name = "PaymentChannel".into();
                }
            });
            specta_typescript::Typescript::default().export(&cfg, path)
        }
    }

    const AGAIN: &str = "run: TILL_WRITE_BINDINGS=1 cargo test -p tillkeeper bindings";

    fn here(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    fn json(path: &str) -> Value {
        serde_json::from_str(&std::fs::read_to_string(here(path)).unwrap()).unwrap()
    }

    fn exported() -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bindings.ts");
        builder().export(Screens, &path).unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn the_committed_bindings_are_what_the_commands_export() {
        let exported = exported();
        let committed = here("../ui/src/host/bindings.ts");
        if std::env::var_os("TILL_WRITE_BINDINGS").is_some() {
            std::fs::write(&committed, &exported).unwrap();
        }
        let committed = std::fs::read_to_string(committed).unwrap();
        assert!(exported == committed, "ui/src/host/bindings.ts is not what the commands export now; {AGAIN}");
    }

    #[test]
    fn every_command_is_a_permission_and_the_cashiers_window_has_these_and_listening_only() {
        let exported = exported();
        let invoked: Vec<&str> =
            exported.split("__TAURI_INVOKE(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(invoked, COMMANDS, "src/window/names.rs and the exported commands differ");

        let mut granted = vec!["core:event:allow-listen".to_owned(), "core:event:allow-unlisten".to_owned()];
        granted.extend(COMMANDS.iter().map(|name| format!("allow-{}", name.replace('_', "-"))));
        let capability = json("capabilities/main.json");
        assert_eq!(capability["permissions"], serde_json::to_value(granted).unwrap());
        assert_eq!(capability["windows"], serde_json::json!(["main"]));
        assert_eq!(capability.get("remote"), None);
    }

    #[test]
    fn no_other_window_has_a_capability() {
        let files: Vec<_> = std::fs::read_dir(here("capabilities"))
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(files, ["main.json"]);
        let configured = json("tauri.conf.json");
        assert_eq!(configured["app"]["security"]["capabilities"], serde_json::json!(["main"]));
        assert_eq!(configured["app"]["windows"], serde_json::json!([]), "windows are made by the program");
        assert_eq!(configured["app"].get("withGlobalTauri"), None);
    }

    #[test]
    fn pages_load_nothing_from_elsewhere_and_run_nothing_inline() {
        let csp = json("tauri.conf.json")["app"]["security"]["csp"].as_str().unwrap().to_owned();
        assert!(!csp.contains("unsafe") && !csp.contains('*') && !csp.contains("https:"), "{csp}");
        for rule in [
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src ipc: http://ipc.localhost",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(csp.split("; ").any(|part| part == rule), "{rule} in {csp}");
        }
    }
}
