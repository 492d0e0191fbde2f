//! What a shop sells and for how much: what an order that is made elsewhere is held against.

mod wrong;

use crate::order::event::Item;
use std::collections::BTreeMap;

pub use wrong::Wrong;

/// The longest text that names of goods are joined to, in characters.
const NAMES_LIMIT: usize = 127;

/// A thing that is for sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goods {
    /// What people call it.
    pub name: String,
    /// What one costs, minor units.
    pub price_minor: i64,
}

/// Everything that is for sale, by the merchant's ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue(BTreeMap<String, Goods>);

/// Why a list is no catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCatalogue {
    /// An id stands twice, so that it would have two prices.
    #[error("{0} stands twice")]
    Twice(String),
    /// An empty id.
    #[error("goods have no id")]
    NoId,
    /// A price below zero. The id of the goods.
    #[error("{0} has a price below zero")]
    BelowZero(String),
}

impl BadCatalogue {
    /// As people are told.
    #[must_use]
    pub fn wrong(&self) -> Wrong {
        match self {
            Self::Twice(_) => Wrong::Twice,
            Self::NoId => Wrong::NoId,
            Self::BelowZero(_) => Wrong::BelowZero,
        }
    }
}

/// Why a line is not sold like that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotForSale {
    /// There is no such thing. Its id.
    #[error("{0} is not in the catalogue")]
    Unknown(String),
    /// It costs something else. Its id.
    #[error("{0} has another price")]
    Price(String),
}

impl Catalogue {
    /// A catalogue of these goods and their ids.
    pub fn of(goods: impl IntoIterator<Item = (String, Goods)>) -> Result<Self, BadCatalogue> {
        let mut all = BTreeMap::new();
        for (id, goods) in goods {
            if id.is_empty() {
                return Err(BadCatalogue::NoId);
            }
            if goods.price_minor < 0 {
                return Err(BadCatalogue::BelowZero(id));
            }
            if all.contains_key(&id) {
                return Err(BadCatalogue::Twice(id));
            }
            all.insert(id, goods);
        }
        Ok(Self(all))
    }

    /// Whether every line is a thing of the catalogue at its price: the amount of a line is for all of its pieces.
    pub fn sells(&self, items: &[Item]) -> Result<(), NotForSale> {
        items.iter().try_for_each(|item| {
            let goods = self.0.get(&item.id).ok_or_else(|| NotForSale::Unknown(item.id.clone()))?;
            let amount = goods.price_minor.checked_mul(i64::from(item.quantity));
            if amount == Some(item.amount_minor) { Ok(()) } else { Err(NotForSale::Price(item.id.clone())) }
        })
    }

    /// What people call the lines, in one text.
    #[must_use]
    pub fn names(&self, items: &[Item]) -> String {
        let names = items.iter().filter_map(|item| self.0.get(&item.id)).map(|goods| goods.name.as_str());
        names.collect::<Vec<_>>().join(", ").chars().take(NAMES_LIMIT).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goods(name: &str, price_minor: i64) -> Goods {
        Goods { name: name.into(), price_minor }
    }

    fn line(id: &str, quantity: u32, amount_minor: i64) -> Item {
        Item { id: id.into(), quantity, amount_minor }
    }

    #[test]
    fn a_line_is_a_thing_of_the_catalogue_at_its_price_times_its_pieces() {
        let shop = Catalogue::of([("tea".into(), goods("红茶", 500)), ("bag".into(), goods("袋", 0))]).unwrap();
        assert_eq!(shop.sells(&[line("tea", 2, 1000), line("bag", 1, 0)]), Ok(()));
        assert_eq!(shop.names(&[line("tea", 2, 1000), line("bag", 1, 0)]), "红茶, 袋");
        for (quantity, amount) in [(2, 500), (1, 1000), (1, 499), (u32::MAX, 500)] {
            assert_eq!(shop.sells(&[line("tea", quantity, amount)]), Err(NotForSale::Price("tea".into())));
        }
        assert_eq!(shop.sells(&[line("tea", 1, 500), line("cake", 1, 1)]), Err(NotForSale::Unknown("cake".into())));
        let dear = Catalogue::of([("tea".into(), goods("红茶", i64::MAX))]).unwrap();
        assert_eq!(dear.sells(&[line("tea", 2, -2)]), Err(NotForSale::Price("tea".into())), "beyond counting");
    }

    #[test]
    fn goods_have_an_id_of_their_own_and_a_price_that_is_not_below_zero() {
        let twice = [("tea".to_owned(), goods("a", 1)), ("tea".to_owned(), goods("b", 2))];
        assert_eq!(Catalogue::of(twice), Err(BadCatalogue::Twice("tea".into())));
        for (id, price, bad) in [("tea", -1, BadCatalogue::BelowZero("tea".into())), ("", 1, BadCatalogue::NoId)] {
            let odd = Catalogue::of([(id.to_owned(), goods("a", price))]);
            assert_eq!(odd, Err(bad));
        }
    }
}
