//! Reading `application/x-www-form-urlencoded`, as strictly about form as JSON is read: a name that stands twice, a broken
//! escape or bytes that are no UTF-8 are refused.

use super::Unreadable;
use super::call::BODY_LIMIT;
use super::json::Object;

/// The fields of a form, all of them texts.
pub(super) fn read(body: &[u8]) -> Result<Object, Unreadable> {
    if body.len() > BODY_LIMIT {
        return Err(Unreadable::NotJson);
    }
    if body.trim_ascii().is_empty() {
        return Err(Unreadable::Empty);
    }
    let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    let mut texts = Vec::new();
    for pair in pairs {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        texts.push((decoded(name)?, decoded(value)?));
    }
    Object::of_texts(texts)
}

fn decoded(text: &[u8]) -> Result<String, Unreadable> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (digits, after) = rest.split_at_checked(2).ok_or(Unreadable::NotJson)?;
                let digit = data_encoding::HEXUPPER_PERMISSIVE.decode(digits).map_err(|_| Unreadable::NotJson)?;
                bytes.extend(digit);
                rest = after;
            }
            plain => bytes.push(*plain),
        }
    }
    String::from_utf8(bytes).map_err(|_| Unreadable::NotJson)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(body: &str) -> Vec<(String, String)> {
        let fields = read(body.as_bytes()).unwrap();
        fields.all_scalars().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn names_and_values_are_decoded() {
        let read = texts("body=%E5%a4%a9+1%2B1&&attach=&total_fee=1250&alone&x=a=b");
        let expected = [("alone", ""), ("attach", ""), ("body", "天 1+1"), ("total_fee", "1250"), ("x", "a=b")];
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, expected);
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for (body, why) in [
            ("", Unreadable::Empty),
            (" \n", Unreadable::Empty),
            ("a=1&a=2", Unreadable::DuplicatedKey),
            ("a=1&%61=2", Unreadable::DuplicatedKey),
            ("a=%", Unreadable::NotJson),
            ("a=%4", Unreadable::NotJson),
            ("a=%zz", Unreadable::NotJson),
            ("a=%ff", Unreadable::NotJson),
        ] {
            assert_eq!(read(body.as_bytes()), Err(why), "{body}");
        }
        assert_eq!(read(&vec![b'a'; BODY_LIMIT + 1]), Err(Unreadable::NotJson));
    }

    proptest! {
        #[test]
        fn no_body_is_too_strange_to_be_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _read = read(&body);
        }
    }
}
