//! Keys as people type them into an account.

use super::openssl::{openssl, skill, tsk};
use super::{KIT, account, keys_from};
use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretSlice};
use till_core::account::{AccountChange, AccountRefusal};
use till_core::gateway::descriptor::FieldKind;
use till_core::gateway::keys::{BadKey, check_public_key, stored_form};

fn stored(typed: &str) -> Result<SecretSlice<u8>, BadKey> {
    stored_form(FieldKind::PrivateKey, &typed.as_bytes().to_vec().into())
}

/// What openssl prints for these arguments, in a folder of its own.
fn printed(steps: &[&[&str]]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut last = vec![];
    for step in steps {
        last = openssl(folder.path(), step);
    }
    String::from_utf8(last).unwrap()
}

#[test]
fn a_typed_private_key_is_kept_as_its_der() {
    for pem in [&skill().pkcs1, &skill().pkcs8] {
        let inside: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = BASE64.decode(inside.as_bytes()).unwrap();
        let variants = [
            pem.clone(),
            pem.replace('\n', "\r\n"),
            pem.replace('\n', ""),
            format!("\u{feff}\n Key of the shop\n{pem}\n\n"),
        ];
        for typed in variants {
            assert_eq!(stored(&typed).unwrap().expose_secret(), der);
        }
        assert!(der.len() < 2_560, "fits into every keyring");
    }
}

#[test]
fn a_key_of_4096_bits_fits_and_a_longer_one_does_not() {
    let fits = printed(&[&["genrsa", "4096"]]);
    assert!(stored(&fits).unwrap().expose_secret().len() <= 2_560);
    let too_long = printed(&[&["genrsa", "4608"]]);
    assert_eq!(stored(&too_long).map(|_| ()), Err(BadKey::TooLong));
    let field = KIT.gateway().descriptor().fields.iter().find(|field| field.name == "skill_private_key").unwrap();
    assert!(too_long.chars().count() <= field.max_chars, "it is refused for its reason");
}

#[test]
fn other_kinds_of_fields_are_kept_as_they_are() {
    for kind in [FieldKind::Secret, FieldKind::Text, FieldKind::PublicKey] {
        let typed: SecretSlice<u8> = b" anything \xff".to_vec().into();
        assert_eq!(stored_form(kind, &typed).unwrap().expose_secret(), b" anything \xff");
    }
}

#[test]
fn a_secret_of_one_line_holds_no_control_character_and_may_hold_blanks() {
    let kept = |typed: &[u8]| stored_form(FieldKind::Secret, &typed.to_vec().into()).map(|_| ());
    let odd: [&[u8]; 11] = [
        b"0123\nabcd",
        b"0123\r\nabcd",
        b"0123\tabcd",
        b"01\0",
        b"\x7f01",
        b"0123\n",
        b"\xff\n",
        "01\u{85}".as_bytes(),
        "01\u{2028}23".as_bytes(),
        "01\u{2029}23".as_bytes(),
        "\u{feff}0123".as_bytes(),
    ];
    for odd in odd {
        assert_eq!(kept(odd), Err(BadKey::NotOneLine), "{odd:?}");
    }
    for fits in ["0123 abcd", " 0123abcd ", "密鑰"] {
        assert_eq!(kept(fits.as_bytes()), Ok(()), "{fits}");
    }
    assert_eq!(BadKey::NotOneLine.to_string(), "the secret is not one line", "nothing of it is repeated");
}

#[test]
fn what_is_no_usable_private_key_is_refused_for_its_reason() {
    let pem = &skill().pkcs8;
    let cut = pem.lines().take(5).chain(["-----END PRIVATE KEY-----"]).collect::<Vec<_>>().join("\n");
    for (typed, expected) in [
        (String::new(), BadKey::NotAKey),
        ("secret".into(), BadKey::NotAKey),
        (skill().public.clone(), BadKey::NotAKey),
        (pem.replace("-----END", "END"), BadKey::NotAKey),
        (pem.replace('A', "*"), BadKey::NotAKey),
        ("-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----".into(), BadKey::NotAKey),
        (cut, BadKey::Unusable),
        (printed(&[&["genrsa", "-out", "k", "1024"], &["pkcs8", "-topk8", "-nocrypt", "-in", "k"]]), BadKey::Unusable),
        (printed(&[&["genpkey", "-algorithm", "ED25519"]]), BadKey::Unusable),
        (printed(&[&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]]), BadKey::Unusable),
    ] {
        assert_eq!(stored(&typed).map(|_| ()), Err(expected));
    }
    assert_eq!(stored_form(FieldKind::PrivateKey, &vec![0xff].into()).map(|_| ()), Err(BadKey::NotAKey));
    for locked in [
        printed(&[
            &["genrsa", "-out", "k", "2048"],
            &["pkcs8", "-topk8", "-in", "k", "-v2", "aes-256-cbc", "-passout", "pass:tea"],
        ]),
        printed(&[
            &["genrsa", "-out", "k", "2048"],
            &["pkey", "-in", "k", "-traditional", "-aes256", "-passout", "pass:tea"],
        ]),
    ] {
        assert_eq!(stored(&locked).map(|_| ()), Err(BadKey::Encrypted));
    }
    // What is refused is not repeated.
    assert_eq!(format!("{:?} {}", BadKey::NotAKey, BadKey::NotAKey), "NotAKey no key in PEM");
    assert!(keys_from(pem).get("skill_private_key").is_some());
}

#[test]
fn a_public_key_is_pem_or_the_base64_inside_it() {
    let pem = &tsk().public;
    let bare: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    for typed in [pem.clone(), pem.replace('\n', "\r\n"), pem.replace('\n', " "), bare.clone(), format!(" {bare}\n")] {
        assert_eq!(check_public_key(&typed), Ok(()), "{typed}");
    }
    let short = printed(&[&["genrsa", "-out", "k", "1024"], &["pkey", "-in", "k", "-pubout"]]);
    for (typed, expected) in [
        (String::new(), BadKey::NotAKey),
        ("key".into(), BadKey::NotAKey),
        ("AAAA".into(), BadKey::Unusable),
        (bare[..bare.len() - 4].to_owned(), BadKey::Unusable),
        (short, BadKey::Unusable),
        // A private key is not taken where it would be shown.
        (skill().pkcs8.clone(), BadKey::NotAKey),
        (skill().pkcs1.clone(), BadKey::NotAKey),
        (skill().pkcs8.lines().filter(|line| !line.starts_with("-----")).collect(), BadKey::Unusable),
        (skill().pkcs1.lines().filter(|line| !line.starts_with("-----")).collect(), BadKey::Unusable),
    ] {
        assert_eq!(check_public_key(&typed), Err(expected));
    }
}

#[test]
fn an_account_takes_no_public_key_that_is_none() {
    let descriptor = KIT.gateway().descriptor();
    let set = |name: &str, value: &str| {
        let fields = [(name.to_owned(), value.to_owned())].into();
        AccountChange { base_url: None, fields }.apply(&account(), descriptor)
    };
    assert!(set("tsk_public_key", &skill().public).is_ok() && set("tsk_public_key", "").is_ok());
    let refused = Err(AccountRefusal::BadValue("tsk_public_key".into()));
    assert_eq!(set("tsk_public_key", "no key"), refused);
    assert_eq!(set("tsk_public_key", &skill().pkcs8), refused);
    assert_eq!(set("skill_private_key", &skill().pkcs8), Err(AccountRefusal::SecretField("skill_private_key".into())));
    assert!(set("unsigned_replies", "refuse").is_ok());
    let takes = AccountRefusal::NotOneOf("unsigned_replies".into(), &["accept", "refuse"]);
    assert_eq!(set("unsigned_replies", "maybe"), Err(takes));
    assert_eq!(set("skill_id", &"1".repeat(33)), Err(AccountRefusal::BadValue("skill_id".into())));
}
