//! `[payments]`: what the built-in functions accept, and the reference data that migrations bring in.

use super::environment::{Currency, Merchant, Payments};
use super::resolver::Resolver;
use crate::format::{CurrencySettings, Named, RawCurrency, RawMerchant, RawPayments};
use crate::origin::{Origin, Value};

/// Currencies of a spec that names none: code, least and greatest amount of a payment in minor units. The greatest keep
/// a payment near 10,000 US dollars.
pub const CURRENCIES: [(&str, u64, u64); 13] = [
    ("AUD", 50, 1_500_000),
    ("BHD", 200, 3_750_000),
    ("CAD", 50, 1_350_000),
    ("CHF", 50, 900_000),
    ("DKK", 250, 7_000_000),
    ("EUR", 50, 950_000),
    ("GBP", 30, 800_000),
    ("JPY", 50, 1_500_000),
    ("KRW", 500, 13_500_000),
    ("KWD", 150, 3_050_000),
    ("NOK", 300, 10_500_000),
    ("SEK", 300, 10_500_000),
    ("USD", 50, 1_000_000),
];

impl Resolver<'_> {
    pub fn payments(&mut self, mut raw: RawPayments) -> Payments {
        let settings = raw.settings(self);
        let are_usual =
            raw.currencies.is_empty() && !self.problems.is_unusable("payments.currencies");
        let currencies = if are_usual {
            CURRENCIES.map(usual_currency).into()
        } else {
            let written = raw.currencies.into_iter();
            written.map(|raw| self.currency(raw)).collect()
        };
        let merchants = raw.merchants.into_iter();
        Payments {
            currencies,
            velocity: raw.velocity.settings(self),
            settings,
            merchants: merchants.map(|raw| self.merchant(raw)).collect(),
        }
    }

    fn currency(&mut self, mut raw: Named<RawCurrency>) -> Currency {
        Currency {
            settings: raw.table.settings(self),
            code: raw.name,
        }
    }

    fn merchant(&mut self, mut raw: Named<RawMerchant>) -> Merchant {
        Merchant {
            settings: raw.table.settings(self),
            renamed_from: raw.table.renamed_from,
            plan: raw.table.plan,
            keys: raw.table.keys.map(|list| list.value).unwrap_or_default(),
            subject: raw.table.subject,
            issuers: raw.table.issuers.map(|list| list.value).unwrap_or_default(),
            id: raw.name,
        }
    }
}

fn usual_currency((code, minimum, maximum): (&str, u64, u64)) -> Currency {
    const USUAL: Origin = Origin::Default("payments.currencies");
    Currency {
        code: Value::new(code.to_owned(), USUAL),
        settings: CurrencySettings {
            minimum: Value::new(minimum, USUAL),
            maximum: Value::new(maximum, USUAL),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::CURRENCIES;
    use crate::catalogue::currencies;

    #[test]
    fn usual_currencies_are_of_the_list() {
        for (code, minimum, maximum) in CURRENCIES {
            assert!(currencies().any(|known| known == code), "{code}");
            assert!(0 < minimum && minimum < maximum, "{code}");
        }
    }
}
